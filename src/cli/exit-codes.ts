/** What the exit code of every command means; help texts, `docs/cli.md` and scripts of operators rely on it. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  configuration: 3,
  unreachable: 4,
  refused: 5,
  notReady: 6,
  findings: 7,
  laterVersion: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  [EXIT.ok]: "done",
  [EXIT.failed]: "the command ran and failed; the message says why",
  [EXIT.usage]: "unknown command or option, or a missing argument",
  [EXIT.configuration]: "the configuration is wrong; every problem is listed with its place",
  [EXIT.unreachable]: "the router does not answer at the given address",
  [EXIT.refused]: "the admin key is missing or not accepted",
  [EXIT.notReady]: "the router answers and is not ready",
  [EXIT.findings]: "doctor found something that must be put right",
  [EXIT.laterVersion]: "the command comes with a later version",
};
