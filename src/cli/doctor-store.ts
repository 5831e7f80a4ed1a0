/** What follows from a look at the store: a Redis server that loses or evicts what routers rely on is a problem. */
import type { StoreExam } from "../server/examine-store.ts";
import type { DoctorFinding } from "./doctor-nodes.ts";

const SUBJECT = "task_store";

export function judgeStore(exam: StoreExam): DoctorFinding[] {
  if (exam.kind === "file") return [];
  if (exam.kind === "unusable") {
    const advice = "Start the server, or correct `task_store.url`: without it no router starts.";
    return [{ level: "problem", subject: SUBJECT, finding: exam.reason, advice }];
  }
  const { version, appendOnly, evictionPolicy, routers } = exam.facts;
  const living = routers.length === 0 ? "no router uses it now" : `used by ${routers.join(", ")}`;
  const findings: DoctorFinding[] = [
    { level: "ok", subject: SUBJECT, finding: `Redis ${version} answers; ${living}.`, advice: "" },
  ];
  if (appendOnly === false) {
    findings.push({
      level: "warning",
      subject: SUBJECT,
      finding: "The server keeps no append-only file: its crash loses tasks and the catalog.",
      advice: "Set `appendonly yes` and `appendfsync always` (or `everysec`, which may lose the last second).",
    });
  }
  if (evictionPolicy !== "" && evictionPolicy !== "noeviction") {
    findings.push({
      level: "problem",
      subject: SUBJECT,
      finding: `The server throws keys away when its memory is full (maxmemory-policy ${evictionPolicy}).`,
      advice: "Set `maxmemory-policy noeviction`, or give the routers a server of their own.",
    });
  }
  return findings;
}
