/**
 * How a configuration key is declared: once, with its type, limits, default, documentation and facts. Validation, types,
 * environment names, flags, the JSON Schema, the reference page and the masked print all follow from the declaration.
 */
import * as z from "zod/mini";

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
export function key<Schema extends z.ZodMiniType>(
  schema: Schema,
  byDefault: z.output<Schema>,
  facts: KeyFacts,
): z.ZodMiniDefault<Schema> {
  const declared = z._default(schema, byDefault as never);
  keyFacts.add(declared, facts);
  return declared;
}

/** A field that every entry of a list must have. */
export function required<Schema extends z.ZodMiniType>(schema: Schema, facts: KeyFacts): Schema {
  const declared = schema.clone();
  const text = expectations.get(schema);
  if (text !== undefined) expectations.add(declared, text);
  keyFacts.add(declared, facts);
  return declared;
}

/** A group of keys; missing as a whole it takes the defaults of its keys, and it refuses keys it does not know. */
export function section<Shape extends z.core.$ZodLooseShape>(
  facts: SectionFacts,
  shape: Shape,
): z.ZodMiniPrefault<z.ZodMiniObject<Shape, z.core.$strict>> {
  const declared = z.prefault(z.strictObject(shape), {} as never);
  sectionFacts.add(declared, facts);
  return declared;
}

/** What a value of this schema looks like, as the end of the sentence "… must be". */
export function expectation(schema: z.core.$ZodType): string {
  return expectations.get(schema)?.text ?? "of another form";
}

function expecting<Schema extends z.ZodMiniType>(schema: Schema, text: string): Schema {
  expectations.add(schema, { text });
  return schema;
}

/** Many keys have the same form. To build a schema costs more than to read a value, so equal forms are one schema. */
const shared = new Map<string, z.ZodMiniType>();

function once<Schema extends z.ZodMiniType>(form: string, build: () => Schema): Schema {
  const known = shared.get(form);
  if (known !== undefined) return known as Schema;
  const schema = build();
  shared.set(form, schema);
  return schema;
}

export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): z.ZodMiniNumberFormat {
  const upTo = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
  return once(`whole ${min} ${max}`, () => expecting(z.int().check(z.gte(min), z.lte(max)), `a whole number ${upTo}`));
}

export function decimal(min: number, max?: number): z.ZodMiniNumber {
  return once(`decimal ${min} ${max ?? ""}`, () => {
    const bounded = max === undefined ? z.number().check(z.gte(min)) : z.number().check(z.gte(min), z.lte(max));
    return expecting(bounded, max === undefined ? `a number of at least ${min}` : `a number from ${min} to ${max}`);
  });
}

export function onOff(): z.ZodMiniBoolean {
  return once("switch", () => expecting(z.boolean(), "true or false"));
}

export function text(what = "text"): z.ZodMiniString {
  return once(`text ${what}`, () => expecting(z.string(), what));
}

/** Text that must not be empty. */
export function filled(what: string): z.ZodMiniString {
  return once(`filled ${what}`, () => expecting(z.string().check(z.minLength(1), z.maxLength(1024)), what));
}

/** Text of a fixed form; `what` describes it with an example. */
export function formedText(form: RegExp, what: string): z.ZodMiniString {
  return expecting(z.string().check(z.regex(form)), what);
}

/** Text that `isOne` recognises; `what` describes it with an example. */
export function checkedText(isOne: (text: string) => boolean, what: string): z.ZodMiniString {
  return expecting(z.string().check(z.refine(isOne)), what);
}

export function choice<const Values extends readonly [string, ...string[]]>(
  ...values: Values
): z.ZodMiniEnum<z.core.util.ToEnum<Values[number]>> {
  return expecting(z.enum(values), values.length === 1 ? values[0] : `one of ${values.join(", ")}`);
}

export function list<Item extends z.ZodMiniType>(item: Item, what: string): z.ZodMiniArray<Item> {
  return expecting(z.array(item), what);
}

export function mapOf<Value extends z.ZodMiniType>(
  value: Value,
  what: string,
): z.ZodMiniRecord<z.ZodMiniString, Value> {
  return expecting(z.record(z.string(), value), what);
}

export function orNull<Schema extends z.ZodMiniType>(schema: Schema): z.ZodMiniNullable<Schema> {
  return expecting(z.nullable(schema), `${expectation(schema)} or null`);
}

export function autoOr<Schema extends z.ZodMiniType>(
  schema: Schema,
): z.ZodMiniUnion<[z.ZodMiniLiteral<"auto">, Schema]> {
  return expecting(z.union([z.literal("auto"), schema]), `auto or ${expectation(schema)}`);
}

/** An entry of a list, made of fields. */
export function entry<Shape extends z.core.$ZodLooseShape>(
  shape: Shape,
  what: string,
): z.ZodMiniObject<Shape, z.core.$strict> {
  return expecting(z.strictObject(shape), what);
}
