/** The type of a complete, validated configuration: the names of the file, one vocabulary everywhere. */
import type * as z from "zod/mini";
import { configSchema } from "./keys/all.ts";

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Name in keyof T]: DeepReadonly<T[Name]> }
    : T;

export type Config = DeepReadonly<z.output<typeof configSchema>>;

/** What may be left out is left out; everything else has the type of the file. */
export type ConfigInput = z.input<typeof configSchema>;

/**
 * A configuration from values in the program: defaults filled in, types checked, cross-field rules not. For the demo and
 * for tests; what a person wrote goes through `loadConfig`.
 */
export function configFrom(input: NonNullable<ConfigInput>): Config {
  return configSchema.parse(input);
}
