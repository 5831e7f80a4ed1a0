/**
 * What the doctor learns from the nodes, and what follows from it. Asking and judging are apart: `examineNode` asks one
 * node, `judgeNodes` is a pure function of the answers.
 */
import { isRecord } from "../config/parse-file.ts";
import { errorIn, type Asked } from "./admin-client.ts";

export type Level = "ok" | "warning" | "problem";

export interface DoctorFinding {
  readonly level: Level;
  readonly subject: string;
  readonly finding: string;
  /** What to do; empty when nothing needs doing. */
  readonly advice: string;
}

export interface NodeExam {
  readonly id: string;
  readonly address: string;
  readonly health: Asked;
  readonly version: Asked | null;
  readonly keys: Asked | null;
  /** Middle of the exchange on this machine's clock, to compare with the `date` header. */
  readonly askedAtMs: number;
}

export type Ask = (url: string, options: { readonly key?: string; readonly timeoutMs: number }) => Promise<Asked>;

export async function examineNode(
  node: { readonly id: string; readonly address: string },
  deps: { readonly ask: Ask; readonly nowMs: () => number; readonly key: string; readonly timeoutMs: number },
): Promise<NodeExam> {
  const base = node.address.replace(/\/+$/, "");
  const { key, timeoutMs } = deps;
  const sentAtMs = deps.nowMs();
  const health = await deps.ask(`${base}/health`, { timeoutMs });
  const askedAtMs = (sentAtMs + deps.nowMs()) / 2;
  const facts = { id: node.id, address: base, health, askedAtMs };
  if (health.kind === "unreachable") return { ...facts, version: null, keys: null };
  const [version, keys] = await Promise.all([
    deps.ask(`${base}/version`, { key, timeoutMs }),
    deps.ask(`${base}/keys?limit=100`, { key, timeoutMs }),
  ]);
  return { ...facts, version, keys };
}

/** The release line that this version is tested against. */
export const TESTED_ENGINE = "1.50";
const SKEW_MS_MAX = 5_000;

export function judgeNodes(exams: readonly NodeExam[], nodeMasterKey: string): DoctorFinding[] {
  return [
    ...exams.flatMap((exam) => [judgeHealth(exam), ...judgeKey(exam, nodeMasterKey), ...judgeClock(exam)]),
    ...judgeVersions(exams),
  ];
}

function judgeHealth({ id, address, health }: NodeExam): DoctorFinding {
  if (health.kind === "unreachable") {
    const advice = `Start the node, or correct nodes.address; a firewall between this machine and ${address} is the usual third cause.`;
    return { level: "problem", subject: id, finding: `No answer at ${address}: ${health.reason}.`, advice };
  }
  const available = isRecord(health.body) && health.body["status"] === "available";
  if (health.status === 200 && available) {
    return { level: "ok", subject: id, finding: `Answers at ${address}.`, advice: "" };
  }
  const advice = "Look at the log of the node; if this is no Meilisearch, correct nodes.address.";
  return { level: "problem", subject: id, finding: `GET /health was answered ${health.status}.`, advice };
}

function judgeKey({ id, keys }: NodeExam, nodeMasterKey: string): DoctorFinding[] {
  if (keys === null) return [];
  const problem = (finding: string, advice: string): DoctorFinding[] => [
    { level: "problem", subject: id, finding, advice },
  ];
  if (keys.kind === "unreachable")
    return problem(`GET /keys brought no answer: ${keys.reason}.`, "Look at the log of the node.");
  const code = errorIn(keys.body)?.code;
  if (code === "missing_master_key") {
    const advice = "Start the node with --master-key (or MEILI_MASTER_KEY) set to the value of node_master_key.";
    return problem("Runs without a master key: everybody who reaches it may do everything.", advice);
  }
  if (keys.status === 401) return problem("Wants a key.", "Set node_master_key to the master key of the nodes.");
  if (keys.status === 403) {
    const advice =
      "All nodes must be started with the master key that node_master_key holds: restart this node with it.";
    return problem("Does not accept node_master_key.", advice);
  }
  if (keys.status !== 200) return problem(`GET /keys was answered ${keys.status}.`, "Look at the log of the node.");
  return [judgeMasterKey(id, keys.body, nodeMasterKey)];
}

/**
 * A key's text is an HMAC of its uid under the master key, so any key of a node proves which master key it has. An
 * accepted credential alone would not: it could be an API key that may list keys.
 */
function judgeMasterKey(id: string, body: unknown, nodeMasterKey: string): DoctorFinding {
  const results = isRecord(body) && Array.isArray(body["results"]) ? body["results"] : [];
  const listed = results
    .filter(isRecord)
    .filter((one) => typeof one["uid"] === "string" && typeof one["key"] === "string");
  const first = listed[0];
  if (first === undefined) {
    const finding = "Accepts node_master_key; it has no API key by which the master key could be proven.";
    return { level: "ok", subject: id, finding, advice: "" };
  }
  const expected = new Bun.CryptoHasher("sha256", nodeMasterKey).update(first["uid"] as string).digest("hex");
  if (expected === first["key"]) {
    return { level: "ok", subject: id, finding: "Has node_master_key as its master key.", advice: "" };
  }
  const advice =
    "API keys would differ from node to node: set node_master_key to the master key itself, and start every node with it.";
  const finding = "Accepts node_master_key, but its API keys are made from another master key.";
  return { level: "problem", subject: id, finding, advice };
}

function judgeClock({ id, health, askedAtMs }: NodeExam): DoctorFinding[] {
  if (health.kind !== "answered" || health.dateMs === null) return [];
  // The header has whole seconds, cut off; half a second is its mean error.
  const skewMs = health.dateMs + 500 - askedAtMs;
  if (Math.abs(skewMs) <= SKEW_MS_MAX) return [];
  const direction = skewMs > 0 ? "ahead of" : "behind";
  const finding = `Its clock is ${Math.round(Math.abs(skewMs) / 1000)} s ${direction} this machine's.`;
  return [
    {
      level: "warning",
      subject: id,
      finding,
      advice: "Run a time service (chrony, systemd-timesyncd) on both machines.",
    },
  ];
}

function judgeVersions(exams: readonly NodeExam[]): DoctorFinding[] {
  const versions = new Map<string, string[]>();
  const findings: DoctorFinding[] = [];
  for (const { id, version } of exams) {
    if (version?.kind !== "answered" || version.status !== 200 || !isRecord(version.body)) continue;
    const found = version.body["pkgVersion"];
    if (typeof found === "string") versions.set(found, [...(versions.get(found) ?? []), id]);
  }
  if (versions.size > 1) {
    const list = [...versions].map(([found, ids]) => `${found} on ${ids.join(", ")}`).join("; ");
    const advice = "Bring all nodes to one version; two versions may rank the same documents differently.";
    findings.push({ level: "problem", subject: "versions", finding: `Nodes differ: ${list}.`, advice });
  }
  for (const found of versions.keys()) {
    const line = found.split(".").slice(0, 2).join(".");
    if (line === TESTED_ENGINE) {
      if (versions.size === 1)
        findings.push({ level: "ok", subject: "versions", finding: `All nodes run ${found}.`, advice: "" });
      continue;
    }
    const advice = `This version of Miroir is tested with Meilisearch ${TESTED_ENGINE}; others may answer differently in details.`;
    findings.push({ level: "warning", subject: "versions", finding: `Meilisearch ${found} is in use.`, advice });
  }
  return findings;
}
