/**
 * Ports for the processes of tests. Test files run side by side in several processes, and a port that is merely free
 * when it is looked at may be taken before its process listens on it; so a port is reserved for the life of the test
 * process by a file that only one can create. Below the range the system hands out for outgoing connections.
 */
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const DIRECTORY = join(tmpdir(), "miroir-test-ports");
const FIRST = 20_000;
const COUNT = 12_000;

const reserved = new Set<string>();
let next = Math.floor(Math.random() * COUNT);

export function freePort(): number {
  mkdirSync(DIRECTORY, { recursive: true });
  for (let tried = 0; tried < COUNT; tried += 1) {
    next = (next + 1) % COUNT;
    const port = FIRST + next;
    if (reserve(port) && isFree(port)) return port;
  }
  throw new TypeError(`every port from ${FIRST} to ${FIRST + COUNT - 1} is taken`);
}

function reserve(port: number): boolean {
  const file = join(DIRECTORY, String(port));
  try {
    const handle = openSync(file, "wx");
    writeSync(handle, String(process.pid));
    closeSync(handle);
  } catch {
    // Left behind by a test process that is gone: free for the next round.
    if (!isAlive(ownerOf(file))) rmSync(file, { force: true });
    return false;
  }
  if (reserved.size === 0) process.on("exit", () => reserved.forEach((path) => rmSync(path, { force: true })));
  reserved.add(file);
  return true;
}

function ownerOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  // An owner that has not written its number yet counts as alive.
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, exclusive: true, socket: { data() {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
