/** `/_miroir/verify`: compares the replicas of every shard on demand, and puts right what differs if that is asked for. */
import { apiError } from "../../core/errors/api-error.ts";
import type { Verification } from "../../services/anti-entropy/verification.ts";
import { jsonBody } from "../decode/json-body.ts";
import { json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";

export interface VerifyRoutesDeps {
  readonly verification: Pick<Verification, "start" | "current">;
  /** The node may serve without what has no other copy. False: it does not wait for anything. */
  readonly acceptLoss: (nodeId: string) => boolean;
}

export function verifyRoutes({ verification, acceptLoss }: VerifyRoutesDeps): readonly Route[] {
  return [
    {
      method: "POST",
      path: "/_miroir/verify",
      access: { kind: "admin" },
      answered: "Starts comparing the replicas of every shard; with `repair` what differs is put right.",
      async handler(context) {
        const { index, repair, lost } = await requestOf(context);
        if (lost !== null && !acceptLoss(lost)) {
          throw apiError("bad_request", `Node \`${lost}\` does not wait for anything that was lost.`);
        }
        return json(202, verification.start({ indexUid: index, repair }));
      },
    },
    {
      method: "GET",
      path: "/_miroir/verify",
      access: { kind: "admin" },
      answered: "How far the comparison has come and what it has found; null if there was none.",
      handler: async () => json(200, verification.current()),
    },
  ];
}

interface VerifyRequest {
  readonly index: string | null;
  readonly repair: boolean;
  /** A node whose lost documents are given up. */
  readonly lost: string | null;
}

async function requestOf(context: RequestContext): Promise<VerifyRequest> {
  const { value } = await jsonBody(context);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw apiError("bad_request", 'The body is an object such as `{"index": "films", "repair": true}`.');
  }
  const { index = null, repair = false, accept_loss: lost = null, ...others } = value as Record<string, unknown>;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw apiError(
      "bad_request",
      `Unknown field \`${unknown}\`: expected one of \`index\`, \`repair\`, \`accept_loss\`.`,
    );
  }
  if (index !== null && typeof index !== "string") throw apiError("bad_request", "`index` is the uid of an index.");
  if (typeof repair !== "boolean") throw apiError("bad_request", "`repair` is `true` or `false`.");
  if (lost !== null && typeof lost !== "string") throw apiError("bad_request", "`accept_loss` is the id of a node.");
  return { index, repair, lost };
}
