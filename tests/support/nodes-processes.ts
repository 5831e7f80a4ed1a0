/**
 * The processes this test run has started, so that none outlives it: killed at normal exit, on an interrupt and after
 * an uncaught error. Killed processes leave the list by themselves. `bun test` tells nobody when it exits, so
 * `end-processes.ts` kills them there.
 */
const living = new Set<Bun.Subprocess>();
let hooked = false;

/** Kills the child when the test process ends, however it ends. */
export function killAtExit(child: Bun.Subprocess): void {
  living.add(child);
  void child.exited.then(() => living.delete(child));
  if (hooked) return;
  hooked = true;
  process.on("exit", killLiving);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      killLiving();
      process.exit(130);
    });
  }
}

/** Sends a signal to a process that may be gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has ended; there is nothing to signal.
  }
}

/** What has not ended by now does. */
export function killLiving(): void {
  for (const child of living) child.kill("SIGKILL");
}
