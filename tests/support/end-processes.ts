/** Loaded before every test run (`bunfig.toml`): what failed tests have left running ends with the run. */
import { afterAll } from "bun:test";
import { killLiving } from "./nodes-processes.ts";

afterAll(killLiving);
