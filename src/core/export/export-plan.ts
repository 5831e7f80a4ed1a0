/** What an export is: where to, which indexes, and how far it has come. Plain JSON, since it lives in the task's record. */
import { hideSecret } from "../webhooks/webhook.ts";
import { parseByteSize, printByteSize } from "./byte-size.ts";

export interface ExportIndexSettings {
  readonly filter: unknown;
  readonly overrideSettings: boolean;
}

export interface ExportRequest {
  readonly url: string;
  readonly apiKey: string | null;
  readonly payloadBytes: number | null;
  /** By index uid, or a beginning of one with a star; in the order in which they are tried. */
  readonly indexes: Readonly<Record<string, ExportIndexSettings>>;
}

export interface ExportProgress {
  /** Indexes that are to be exported, with the pattern that named them. */
  readonly indexes: readonly { readonly uid: string; readonly pattern: string }[];
  /** Place in `indexes`. */
  readonly at: number;
  /** The next shard of that index; -1: the index has still to be prepared at the target. */
  readonly shard: number;
  /** Documents sent so far, by index. */
  readonly sent: Readonly<Record<string, number>>;
}

/** `body` has been judged: every member is absent or of the engine's type. */
export function exportRequest(body: Readonly<Record<string, unknown>>): ExportRequest {
  const size = body["payloadSize"] ?? null;
  const indexes = (body["indexes"] ?? null) as Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  return {
    url: (body["url"] as string | undefined) ?? "",
    apiKey: (body["apiKey"] as string | null | undefined) ?? null,
    payloadBytes: typeof size === "string" ? parseByteSize(size) : (size as number | null),
    indexes:
      indexes === null
        ? { "*": { filter: null, overrideSettings: false } }
        : Object.fromEntries(
            Object.keys(indexes)
              .toSorted()
              .map((pattern) => [pattern, settingsOf(indexes[pattern] ?? {})]),
          ),
  };
}

/** The first pattern that fits an index decides how it is exported. */
export function exportedIndexes(request: ExportRequest, uids: readonly string[]): ExportProgress["indexes"] {
  const patterns = Object.keys(request.indexes);
  return uids.toSorted().flatMap((uid) => {
    const pattern = patterns.find((one) => (one.endsWith("*") ? uid.startsWith(one.slice(0, -1)) : one === uid));
    return pattern === undefined ? [] : [{ uid, pattern }];
  });
}

/** `progress`: only when the export has succeeded; until then the patterns stand where the indexes will. */
export function exportDetails(request: ExportRequest, progress?: ExportProgress): Readonly<Record<string, unknown>> {
  const { url, apiKey, payloadBytes } = request;
  return {
    url,
    ...(apiKey === null ? {} : { apiKey: hideSecret(apiKey) }),
    ...(payloadBytes === null ? {} : { payloadSize: printByteSize(payloadBytes) }),
    indexes:
      progress === undefined
        ? request.indexes
        : Object.fromEntries(
            progress.indexes.map(({ uid, pattern }) => [
              uid,
              // The engine spells it so.
              { ...request.indexes[pattern], matched_documents: progress.sent[uid] ?? 0 },
            ]),
          ),
  };
}

function settingsOf(given: Readonly<Record<string, unknown>>): ExportIndexSettings {
  return { filter: given["filter"] ?? null, overrideSettings: given["overrideSettings"] === true };
}
