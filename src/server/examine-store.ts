/** A look at the store of a configuration, for `miroir doctor`: a file is looked at where it lies, a server is asked. */
import type { Config } from "../config/config.ts";
import { systemClock } from "../platform/system.ts";
import type { RedisFacts } from "../store/redis/examine.ts";

export type StoreExam =
  | { readonly kind: "file" }
  | { readonly kind: "redis"; readonly facts: RedisFacts }
  | { readonly kind: "unusable"; readonly reason: string };

export async function examineStore({ task_store: { backend, url } }: Pick<Config, "task_store">): Promise<StoreExam> {
  if (backend === "sqlite") return { kind: "file" };
  const { examineRedis } = await import("../store/redis/examine.ts");
  try {
    return { kind: "redis", facts: await examineRedis(url, () => systemClock.nowMs()) };
  } catch (error) {
    return { kind: "unusable", reason: error instanceof Error ? error.message : String(error) };
  }
}
