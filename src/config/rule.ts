/** What a rule between keys is: what it reads, how it judges, how a finding is worded. */
import type { Config } from "./config.ts";
import type { KeyPath } from "./source.ts";

export interface Finding {
  /** The key to change. */
  readonly path: KeyPath;
  readonly message: string;
}

export interface RuleContext {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** null: writable, or not looked at. */
  readonly whyNotWritable: (path: string) => string | null;
}

export interface Rule {
  readonly number: number;
  /** For the reference page. */
  readonly says: string;
  /** Keys or sections that it reads; a rule is skipped when one of them is wrong by itself. */
  readonly reads: readonly string[];
  readonly check: (context: RuleContext) => readonly Finding[];
}

/** A finding where the rule is broken, nothing where it holds. */
export const when = (broken: boolean, path: KeyPath, message: string): readonly Finding[] =>
  broken ? [{ path, message }] : [];
