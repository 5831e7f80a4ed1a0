/** `/_miroir/indexes/{indexUid}/ttl-policy`: how the expired documents of one index are swept. */
import type { IndexEntry } from "../../core/catalog/index-entry.ts";
import { apiError } from "../../core/errors/api-error.ts";
import type { Catalog } from "../../services/catalog/catalog.ts";
import type { PolicyChange, SweepNumbers } from "../../services/ttl/sweep-policy.ts";
import { jsonBody } from "../decode/json-body.ts";
import { json } from "../respond.ts";
import type { RequestContext, Route } from "../route.ts";

export interface TtlPolicyRoutesDeps {
  /** `ttl.enabled` */
  readonly enabled: boolean;
  readonly catalog: Pick<Catalog, "get">;
  readonly numbersOf: (entry: IndexEntry) => SweepNumbers;
  /** undefined: there is no such index. */
  readonly change: (indexUid: string, change: PolicyChange) => Promise<IndexEntry | undefined>;
}

export function ttlPolicyRoutes(deps: TtlPolicyRoutesDeps): readonly Route[] {
  const path = "/_miroir/indexes/{indexUid}/ttl-policy";
  return [
    {
      method: "GET",
      path,
      access: { kind: "admin" },
      answered: "How often the expired documents of the index are swept, and how many at once.",
      async handler({ params }) {
        const uid = params["indexUid"] ?? "";
        return json(200, policyOf(deps, uid, deps.catalog.get(uid)));
      },
    },
    {
      method: "POST",
      path,
      access: { kind: "admin" },
      answered: "Changes that for this index, on all routers and for good; null: as configured.",
      async handler(context) {
        if (!deps.enabled) {
          throw apiError("miroir_not_supported", "Documents do not expire here: switch `ttl.enabled` on.");
        }
        const uid = context.params["indexUid"] ?? "";
        return json(200, policyOf(deps, uid, await deps.change(uid, await changeIn(context))));
      },
    },
  ];
}

function policyOf({ enabled, numbersOf }: TtlPolicyRoutesDeps, uid: string, entry: IndexEntry | undefined): object {
  if (entry === undefined) throw apiError("index_not_found", `Index \`${uid}\` not found.`);
  const { intervalMs, documentsMax } = numbersOf(entry);
  return {
    index: uid,
    enabled,
    sweep_interval_s: intervalMs / 1_000,
    max_deletes_per_sweep: documentsMax,
    set_here: {
      sweep_interval_s: entry.sweeps?.intervalS ?? null,
      max_deletes_per_sweep: entry.sweeps?.documentsMax ?? null,
    },
  };
}

async function changeIn(context: RequestContext): Promise<PolicyChange> {
  const { value } = await jsonBody(context);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw apiError("bad_request", 'The body is an object such as `{"sweep_interval_s": 60}`.');
  }
  const { sweep_interval_s: intervalS, max_deletes_per_sweep: documentsMax, ...others } = value as Given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const known = "`sweep_interval_s`, `max_deletes_per_sweep`";
    throw apiError("bad_request", `Unknown field \`${unknown}\`: expected one of ${known}.`);
  }
  return {
    ...numberIn("intervalS", "sweep_interval_s", intervalS),
    ...numberIn("documentsMax", "max_deletes_per_sweep", documentsMax),
  };
}

type Given = Readonly<Record<string, unknown>>;

function numberIn(field: keyof PolicyChange, name: string, value: unknown): PolicyChange {
  if (value === undefined) return {};
  if (value === null || (Number.isSafeInteger(value) && (value as number) >= 1)) {
    return { [field]: value as number | null };
  }
  throw apiError("bad_request", `\`${name}\` is a whole number of at least 1, or null.`);
}
