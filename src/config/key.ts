/**
 * How a configuration key is declared: once, with its type, limits, default, documentation and facts. Validation, types,
 * environment names, flags, the JSON Schema, the reference page and the masked print all follow from the declaration.
 */
import { z } from "zod";

export interface KeyFacts {
  /** One or more whole sentences for the operator. The default and the limits are data and never repeated here. */
  readonly doc: string;
  /** Takes effect on SIGHUP; without it a restart is needed. */
  readonly reloadable?: boolean;
  /** Never printed; may also be given as `<key>_file`. */
  readonly secret?: boolean;
  /** The feature is not in this version: the key is accepted, validated and reported, and changes nothing. */
  readonly later?: boolean;
  /** Name of the command line flag of `serve`, without the dashes. */
  readonly flag?: string;
  /** A second, shorter environment variable. */
  readonly environment?: string;
}

export interface SectionFacts {
  readonly doc: string;
  /** Holds for every key below. */
  readonly later?: boolean;
}

// A configuration is read once: compiling a parser for each of its sections would cost more than reading it.
z.config({ jitless: true });

export const keyFacts = z.registry<KeyFacts>();
export const sectionFacts = z.registry<SectionFacts>();
const expectations = z.registry<{ readonly text: string }>();

/** A key with its default. */
export function key<Schema extends z.ZodType>(
  schema: Schema,
  byDefault: z.output<Schema>,
  facts: KeyFacts,
): z.ZodDefault<Schema> {
  const declared = z._default(schema, byDefault as never);
  keyFacts.add(declared, facts);
  return declared;
}

/** A field that every entry of a list must have. */
export function required<Schema extends z.ZodType>(schema: Schema, facts: KeyFacts): Schema {
  keyFacts.add(schema, facts);
  return schema;
}

/** A group of keys; missing as a whole it takes the defaults of its keys, and it refuses keys it does not know. */
export function section<Shape extends z.core.$ZodLooseShape>(
  facts: SectionFacts,
  shape: Shape,
): z.ZodPrefault<z.ZodObject<Shape, z.core.$strict>> {
  const declared = z.prefault(z.strictObject(shape), {} as never);
  sectionFacts.add(declared, facts);
  return declared;
}

/** What a value of this schema looks like, as the end of the sentence "… must be". */
export function expectation(schema: z.core.$ZodType): string {
  return expectations.get(schema)?.text ?? "of another form";
}

function expecting<Schema extends z.ZodType>(schema: Schema, text: string): Schema {
  expectations.add(schema, { text });
  return schema;
}

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodInt {
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return expecting(z.int().min(min).max(max), `a whole number ${upTo}`);
}

export function decimal(min: number, max?: number): z.ZodNumber {
  const bounded = max === undefined ? z.number().min(min) : z.number().min(min).max(max);
  return expecting(bounded, max === undefined ? `a number of at least ${min}` : `a number from ${min} to ${max}`);
}

export function onOff(): z.ZodBoolean {
  return expecting(z.boolean(), "true or false");
}

export function text(what = "text"): z.ZodString {
  return expecting(z.string(), what);
}

/** Text that must not be empty. */
export function filled(what: string): z.ZodString {
  return expecting(z.string().min(1).max(1024), what);
}

/** Text of a fixed form; `what` describes it with an example. */
export function formedText(form: RegExp, what: string): z.ZodString {
  return expecting(z.string().regex(form), what);
}

/** Text that `isOne` recognises; `what` describes it with an example. */
export function checkedText(isOne: (text: string) => boolean, what: string): z.ZodString {
  return expecting(z.string().refine(isOne), what);
}

export function choice<const Values extends readonly [string, ...string[]]>(
  ...values: Values
): z.ZodEnum<z.core.util.ToEnum<Values[number]>> {
  return expecting(z.enum(values), values.length === 1 ? values[0] : `one of ${values.join(", ")}`);
}

export function list<Item extends z.ZodType>(item: Item, what: string): z.ZodArray<Item> {
  return expecting(z.array(item), what);
}

export function mapOf<Value extends z.ZodType>(value: Value, what: string): z.ZodRecord<z.ZodString, Value> {
  return expecting(z.record(z.string(), value), what);
}

export function orNull<Schema extends z.ZodType>(schema: Schema): z.ZodNullable<Schema> {
  return expecting(z.nullable(schema), `${expectation(schema)} or null`);
}

export function autoOr<Schema extends z.ZodType>(schema: Schema): z.ZodUnion<[z.ZodLiteral<"auto">, Schema]> {
  return expecting(z.union([z.literal("auto"), schema]), `auto or ${expectation(schema)}`);
}

/** An entry of a list, made of fields. */
export function entry<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  what: string,
): z.ZodObject<Shape, z.core.$strict> {
  return expecting(z.strictObject(shape), what);
}
