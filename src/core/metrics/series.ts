/** The name of a series: a metric and an attribute set, in one canonical string. */
import type { MetricName } from './catalogue.ts';

/** `system.disk.io{disk.io.direction=read,system.device=vda}`: attributes sorted by name; `\ , = { }` escaped by `\`. */
export type SeriesKey = string & { readonly brand: 'SeriesKey' };

export type Attributes = Readonly<Record<string, string>>;

export function seriesKey(metric: MetricName, attributes: Attributes = {}): SeriesKey {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return metric as string as SeriesKey;
  const pairs = names.map((name) => `${escapeText(name)}=${escapeText(attributes[name] ?? '')}`);
  return `${metric}{${pairs.join(',')}}` as SeriesKey;
}

/** Takes a key apart. Throws on text that `seriesKey` cannot have made. */
export function parseSeriesKey(key: SeriesKey): { readonly metric: MetricName; readonly attributes: Attributes } {
  const open = key.indexOf('{');
  if (open < 0) return { metric: key as string as MetricName, attributes: {} };
  if (!key.endsWith('}')) throw new Error(`Not a series key: ${key}`);
  const attributes: [string, string][] = [];
  for (const pair of splitUnescaped(key.slice(open + 1, -1), ',')) {
    const [name, value, ...rest] = splitUnescaped(pair, '=');
    if (name === undefined || value === undefined || rest.length > 0) throw new Error(`Not a series key: ${key}`);
    attributes.push([unescapeText(name), unescapeText(value)]);
  }
  // Not by assignment: an attribute named `__proto__` is one like any other.
  return { metric: key.slice(0, open) as MetricName, attributes: Object.fromEntries(attributes) };
}

/** Longest key taken from another machine; mount points and device names of real ones stay far below. */
const MOST_KEY_LENGTH = 512;

/**
 * Whether what another machine calls a series is one: bounded, with a metric of the catalogue's form, and exactly what
 * `seriesKey` makes, so that one series has one name. The metric may be one that this version does not know.
 */
export function isSeriesKey(value: unknown): value is SeriesKey {
  if (typeof value !== 'string' || value.length > MOST_KEY_LENGTH || !value.isWellFormed()) return false;
  const key = value as SeriesKey;
  const open = key.indexOf('{');
  if (!/^[a-z][a-z0-9_.]{0,99}$/.test(open < 0 ? key : key.slice(0, open))) return false;
  if (open < 0) return true;
  if (key.includes('\0')) return false;
  try {
    const { metric, attributes } = parseSeriesKey(key);
    return seriesKey(metric, attributes) === key;
  } catch {
    return false;
  }
}

function escapeText(text: string): string {
  return text.replace(/[\\,={}]/g, '\\$&');
}

function unescapeText(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}

function splitUnescaped(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}
