/** A development node as a process: `bun src/devnode/main.ts --port N --master-key K --data-dir D`. SIGTERM ends it. */
import { parseArgs } from "node:util";

import { startDevNode } from "./dev-node.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "7700" },
    hostname: { type: "string", default: "127.0.0.1" },
    "master-key": { type: "string" },
    "data-dir": { type: "string" },
  },
});

const node = await startDevNode({
  port: Number(values.port),
  hostname: values.hostname,
  masterKey: values["master-key"],
  dataDir: values["data-dir"],
});
console.log(`A development node listens on ${node.url}`);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.on(signal, () => {
    void node.stop().then(() => process.exit(0));
  });
}
