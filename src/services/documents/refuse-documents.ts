/**
 * What the client is told about a bad document. With `documents.validation: sync` an error before anything is sent,
 * naming the position; with `task` what a single node would do: the write is accepted and its task has failed.
 */
import { apiError, errorBody, type ErrorBody } from "../../core/errors/api-error.ts";
import type { DocumentProblem } from "../../core/documents/document-problem.ts";

export type ValidationMode = "sync" | "task";

/** The 400 of the sync mode. */
export function syncRefusal(problem: DocumentProblem, primaryKey: string | null): Error {
  const where = `(the document at position ${problem.position} of the batch, counted from 0)`;
  if (problem.candidates !== undefined) {
    return apiError("miroir_primary_key_required", `${problem.message}${candidateList(problem.candidates)}`);
  }
  if (problem.code === "missing_document_id") {
    const message = `A document lacks the primary key \`${primaryKey ?? ""}\` ${where}.`;
    return apiError("miroir_primary_key_required", message);
  }
  return apiError(problem.code, `${problem.message.replace(/\.$/, "")} ${where}.`);
}

/** The error of the failed task, as the engine would have put it. */
export function taskError(problem: DocumentProblem, indexUid: string): ErrorBody {
  const message = problem.late === true ? `Index \`${indexUid}\`: ${problem.message}` : problem.message;
  return errorBody(problem.code, message);
}

/** The engine's sentence names the first two. */
function candidateList(candidates: readonly string[]): string {
  return candidates.length > 2 ? ` Candidates: ${candidates.map((name) => `\`${name}\``).join(", ")}.` : "";
}
