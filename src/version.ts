/** Which build this is. The version is that of package.json; the commit is put in by `scripts/build.ts`. */
import { version as packageVersion } from "../package.json";

declare const MIROIR_BUILD_COMMIT: string | undefined;

export const version: string = packageVersion;

/** Empty when the program runs from its source. */
export const commit: string = typeof MIROIR_BUILD_COMMIT === "string" ? MIROIR_BUILD_COMMIT : "";
