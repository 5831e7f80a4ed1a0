/**
 * The header `Idempotency-Key`: what is the same request, and what its repetition is answered with. The key stands for
 * method, address, type and body together, so that nobody is ever answered with the task of something else.
 */
import { createHash } from "node:crypto";
import { apiError } from "../core/errors/api-error.ts";
import type { Idempotency } from "../services/idempotency/idempotency.ts";
import type { Reply, RequestContext, Route } from "./route.ts";
import { summarizedReply } from "./task-reply.ts";

/** `taskId`: the name that the task of the write has to have; undefined: any. */
export type WriteHandler = (context: RequestContext, taskId: string | undefined) => Promise<Reply>;

/** null: the header is not honoured. */
export function idempotent(idempotency: Idempotency | null, handler: WriteHandler): Route["handler"] {
  return async (context) => {
    const key = idempotency === null ? null : context.request.headers.get(HEADER);
    if (idempotency === null || key === null) return handler(context, undefined);
    if (!KEY.test(key)) {
      throw apiError("bad_request", "`Idempotency-Key` has to be 1 to 255 visible ASCII characters without spaces.");
    }
    const digest = await digestOf(context);
    const once = await idempotency.once(key, digest, (taskId) => handler(context, taskId));
    if (once.kind === "done") return once.result;
    context.note({ task_uid: once.task.uid, replayed: true });
    return summarizedReply({ ...once.task, status: "enqueued" });
  };
}

async function digestOf(context: RequestContext): Promise<Uint8Array> {
  const { request, path, rawQuery } = context;
  const head = [request.method, path, rawQuery, request.headers.get("content-type") ?? ""].join("\n");
  return createHash("sha256")
    .update(`${head}\n\n`)
    .update(await context.body())
    .digest();
}

const HEADER = "idempotency-key";
const KEY = /^[\x21-\x7e]{1,255}$/;
