/** The whole configuration as one schema, in the order of the reference page. */
import * as z from "zod/mini";
import { section } from "../key.ts";
import { clusterKeys } from "./cluster.ts";
import { featureKeys } from "./features.ts";
import { fleetKeys } from "./fleet.ts";
import { nodesKeys } from "./nodes.ts";
import { pageKeys } from "./pages.ts";
import { searchKeys } from "./search.ts";
import { storeKeys } from "./store.ts";
import { streamKeys } from "./streams.ts";
import { surfaceKeys } from "./surface.ts";
import { writesKeys } from "./writes.ts";

/** What stands below `miroir:`. */
export const configSchema = section(
  { doc: "The configuration of a router." },
  {
    ...fleetKeys,
    ...surfaceKeys,
    ...storeKeys,
    ...nodesKeys,
    ...searchKeys,
    ...writesKeys,
    ...clusterKeys,
    ...featureKeys,
    ...streamKeys,
    ...pageKeys,
  },
);

/** The file as a whole. */
export const fileSchema = z.strictObject({ miroir: configSchema });
