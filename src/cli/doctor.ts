/** `miroir doctor`: reaches every node of the configuration and says what needs to be put right. */
import { systemClock } from "../platform/system.ts";
import { ask } from "./admin-client.ts";
import { command } from "./command.ts";
import { configArguments, laterKeyText, loadFromCommandLine, reportRefused } from "./config-arguments.ts";
import { examineDisk } from "./doctor-disk.ts";
import { judgeStore } from "./doctor-store.ts";
import { examineNode, judgeNodes, type DoctorFinding } from "./doctor-nodes.ts";
import { EXIT } from "./exit-codes.ts";
import { print, printJson } from "./print.ts";

export const doctorCommand = command({
  help: {
    details: [
      "Loads the configuration, asks every node for its health, version and keys, and looks at the disk of this machine. Checked are: reachability, the master key (proven, not only accepted), equal versions, clocks, a place for the store or the Redis server in its stead. Nothing is changed.",
      "Run it on the machine of the router, as the user of the router.",
    ],
    examples: [
      { line: "miroir doctor --config /etc/miroir/miroir.yaml", does: "Examine the fleet of this configuration." },
      { line: "miroir doctor -c miroir.yaml --json", does: "The same for a script." },
    ],
    exitCodes: [EXIT.ok, EXIT.configuration, EXIT.findings],
  },
  args: { ...configArguments, json: { type: "boolean", description: "Answer in JSON" } },
  async run({ args, rawArgs }) {
    const result = loadFromCommandLine(rawArgs, { mustWrite: false });
    if (!result.ok) return reportRefused(result);
    const { config } = result;
    const deps = {
      ask,
      nowMs: () => systemClock.nowMs(),
      key: config.node_master_key,
      timeoutMs: config.health.timeout_ms,
    };
    const { examineStore } = await import("../server/examine-store.ts");
    const store = await examineStore(config);
    const exams = await Promise.all(config.nodes.map((node) => examineNode(node, deps)));
    const later = result.notInThisVersion.filter((key) => key.changed).map(laterKeyText);
    const findings: DoctorFinding[] = [
      ...[...result.warnings, ...later].map((finding) => aboutConfig("warning", finding)),
      ...judgeNodes(exams, config.node_master_key),
      ...examineDisk(config),
      ...judgeStore(store),
    ];
    const problems = findings.filter((finding) => finding.level === "problem").length;
    if (args.json === true) printJson({ healthy: problems === 0, findings });
    else report(findings, problems);
    return problems === 0 ? EXIT.ok : EXIT.findings;
  },
});

function aboutConfig(level: DoctorFinding["level"], finding: string): DoctorFinding {
  return { level, subject: "configuration", finding, advice: "" };
}

function report(findings: readonly DoctorFinding[], problems: number): void {
  for (const { level, subject, finding, advice } of findings) {
    print(`${level.padEnd(7)}  ${subject}: ${finding}`);
    if (advice !== "") print(`         -> ${advice}`);
  }
  print("");
  print(problems === 0 ? "Nothing needs to be put right." : `To put right: ${problems}.`);
}
