/** When and how the program starts itself anew. */
import { expect, test } from "bun:test";
import { restartForFetchLimit, type ProcessFacts } from "../../../src/cli/raise-fetch-limit.ts";

const script: ProcessFacts = {
  environment: { HOME: "/h", UNSET: undefined },
  execPath: "/bin/bun",
  execArgv: ["--smol"],
  argv: ["/bin/bun", "/src/main.ts", "serve", "--port", "1"],
};
const compiled: ProcessFacts = {
  environment: {},
  execPath: "/opt/miroir",
  execArgv: [],
  argv: ["bun", "/$bunfs/root/miroir", "demo", "--once"],
};

test("a script is started with the same runtime options, script and words", () => {
  expect(restartForFetchLimit(script)).toEqual({
    file: "/bin/bun",
    args: ["/bin/bun", "--smol", "/src/main.ts", "serve", "--port", "1"],
    environment: { HOME: "/h", BUN_CONFIG_MAX_HTTP_REQUESTS: "65535" },
  });
});

test("the executable is started with the words alone", () => {
  expect(restartForFetchLimit(compiled)?.args).toEqual(["/opt/miroir", "demo", "--once"]);
});

test("what it starts has no need to start again, so it cannot go round", () => {
  for (const facts of [script, compiled]) {
    const restart = restartForFetchLimit(facts);
    expect(restart).not.toBeNull();
    expect(restartForFetchLimit({ ...facts, environment: restart?.environment ?? {} })).toBeNull();
  }
});

test("a limit that the operator has set is left alone", () => {
  expect(restartForFetchLimit({ ...script, environment: { BUN_CONFIG_MAX_HTTP_REQUESTS: "300" } })).toBeNull();
});

test("short commands are not started twice", () => {
  for (const words of [["version"], ["ctl", "status"], ["config", "check", "serve"], []]) {
    expect(restartForFetchLimit({ ...script, argv: [...script.argv.slice(0, 2), ...words] })).toBeNull();
  }
});
