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
  const { version, routers, risks } = exam.facts;
  const living = routers.length === 0 ? "no router uses it now" : `used by ${routers.join(", ")}`;
  return [
    { level: "ok", subject: SUBJECT, finding: `Redis ${version} answers; ${living}.`, advice: "" },
    ...risks.map((risk) => ({ ...risk, subject: SUBJECT })),
  ];
}
