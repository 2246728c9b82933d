/**
 * Checks of single values as they come over a link, by hand: a library of schemas would be a fifth of all the memory that
 * an agent takes beyond Node's own. They bound what a message's own size does not.
 */
import { isJsonObject, type JsonObject } from './json-text.ts';

export type Check<Value> = (value: unknown) => value is Value;

/** A check for each field of a record; fields that are not named are not read. */
export type Checks<Fields> = { readonly [Field in keyof Fields]-?: Check<Fields[Field]> };

/** The record with its checked fields alone, or the name of the first field that is wrong. */
export function readFields<Fields extends object>(checks: Checks<Fields>, json: JsonObject): Fields | string {
  const read: Partial<Fields> = {};
  for (const field of Object.keys(checks) as (keyof Fields & string)[]) {
    const value = Object.hasOwn(json, field) ? json[field] : undefined;
    if (!checks[field](value)) return field;
    read[field] = value;
  }
  return read as Fields;
}

export function recordOf<Fields extends object>(checks: Checks<Fields>): Check<Fields> {
  return (value): value is Fields => isJsonObject(value) && typeof readFields(checks, value) !== 'string';
}

export function listOf<Value>(check: Check<Value>, most: number): Check<readonly Value[]> {
  return (value): value is readonly Value[] => Array.isArray(value) && value.length <= most && value.every(check);
}

export function orNull<Value>(check: Check<Value>): Check<Value | null> {
  return (value): value is Value | null => value === null || check(value);
}

/** At most `most` UTF-16 units, without NUL: no program and no file can be given one. */
export function text(most: number): Check<string> {
  return (value): value is string => typeof value === 'string' && value.length <= most && !value.includes('\0');
}

/** A whole number from `least` on that a double holds exactly. */
function wholeFrom(least: number): Check<number> {
  return (value): value is number => Number.isSafeInteger(value) && (value as number) >= least;
}

export const isCount = wholeFrom(0);
export const isId = wholeFrom(1);

export function isTruth(value: unknown): value is boolean {
  return typeof value === 'boolean';
}
