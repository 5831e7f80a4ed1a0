/** A queue of one for changes of keys: the undo of one must not meet the next. */
import { createInTurn } from "../../platform/in-turn.ts";

export function createQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  const turns = createInTurn<"keys">();
  return (work) => turns.run("keys", work);
}
