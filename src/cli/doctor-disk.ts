/** Whether the store and the kept writes have a place on this machine. */
import { statfsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Config } from "../config/config.ts";
import { whyNotWritable } from "../config/read-sources.ts";
import type { DoctorFinding } from "./doctor-nodes.ts";

const FREE_BYTES_MIN = 1024 * 1024 * 1024;

export interface DiskReaders {
  readonly whyNotWritable: (path: string) => string | null;
  /** Free bytes of the file system that would hold the path; null if that cannot be told. */
  readonly freeBytes: (path: string) => number | null;
}

export function examineDisk(config: Config, readers: DiskReaders = diskReaders): DoctorFinding[] {
  const places: [subject: string, path: string][] = [];
  if (config.task_store.backend === "sqlite") places.push(["task_store.path", config.task_store.path]);
  if (config.hints.enabled) places.push(["hints.path", config.hints.path]);
  return places.map(([subject, path]) => judgePlace(subject, path, readers));
}

function judgePlace(subject: string, path: string, readers: DiskReaders): DoctorFinding {
  const reason = readers.whyNotWritable(path);
  if (reason !== null) {
    const advice = `Create the directory for the user that runs the router, or set ${subject} to one it may write.`;
    return { level: "problem", subject, finding: `${path} cannot be written: ${reason}.`, advice };
  }
  const free = readers.freeBytes(path);
  if (free !== null && free < FREE_BYTES_MIN) {
    const advice = "Free some space or use another disk; without space no write can be promised to a client.";
    return { level: "problem", subject, finding: `Only ${gibibytes(free)} GiB are free for ${path}.`, advice };
  }
  const left = free === null ? "" : `, ${gibibytes(free)} GiB free`;
  return { level: "ok", subject, finding: `${path} can be written${left}.`, advice: "" };
}

function gibibytes(bytes: number): string {
  return (bytes / 1024 ** 3).toFixed(1);
}

const diskReaders: DiskReaders = {
  whyNotWritable,
  freeBytes: (path) => {
    for (let current = resolve(path); ; current = dirname(current)) {
      try {
        const facts = statfsSync(current);
        return facts.bavail * facts.bsize;
      } catch {
        if (current === dirname(current)) return null;
      }
    }
  },
};
