/** What a development node refuses because only a real engine has it. */
import { NodeError } from "../node-error.ts";

export function unsupported(what: string): NodeError {
  return new NodeError("bad_request", `A development node does not offer \`${what}\`. Use a real engine for it.`);
}
