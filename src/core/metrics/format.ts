/**
 * Numbers for people: the only place where ratios, bytes, seconds and watts become text.
 *
 * No data is `–`, never 0. Memory and file sizes are binary (GiB), rates decimal (MB/s), as engineers read them. Number
 * and unit are joined by a no-break space, so that a figure never splits over two lines.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../time.ts';
import type { Unit } from './catalogue.ts';

export const NO_VALUE = '–';
const SPACE = '\u00a0';

/** One unit for a whole axis or row: a value is shown as `value / divisor` followed by `suffix`. */
export interface Scale {
  readonly divisor: number;
  readonly suffix: string;
}

type Ladder = readonly (readonly [divisor: number, suffix: string])[];

const BINARY_BYTES: Ladder = [
  [2 ** 40, 'TiB'],
  [2 ** 30, 'GiB'],
  [2 ** 20, 'MiB'],
  [2 ** 10, 'KiB'],
  [1, 'B'],
];
const BYTE_RATES: Ladder = [
  [1e9, 'GB/s'],
  [1e6, 'MB/s'],
  [1e3, 'kB/s'],
  [1, 'B/s'],
];
const SECONDS: Ladder = [
  [1, 's'],
  [1e-3, 'ms'],
  [1e-6, 'µs'],
];
const FREQUENCIES: Ladder = [
  [1e9, 'GHz'],
  [1e6, 'MHz'],
  [1e3, 'kHz'],
  [1, 'Hz'],
];
const WATTS: Ladder = [
  [1e3, 'kW'],
  [1, 'W'],
];
const WATT_HOURS: Ladder = [
  [3.6e6, 'kWh'],
  [3.6e3, 'Wh'],
  [1, 'J'],
];
const PER_SECOND: Ladder = [
  [1e6, 'M/s'],
  [1e3, 'k/s'],
  [1, '/s'],
];
const PLAIN: Ladder = [[1, '']];

const LADDERS: Readonly<Record<Unit, Ladder>> = {
  '1': [[0.01, '%']],
  By: BINARY_BYTES,
  'By/s': BYTE_RATES,
  s: SECONDS,
  Hz: FREQUENCIES,
  Cel: [[1, '°C']],
  W: WATTS,
  J: WATT_HOURS,
  rpm: [[1, 'rpm']],
  '/s': PER_SECOND,
  '{item}': PLAIN,
};

/** The unit in which `greatest` reads best: the largest step of the unit's ladder that leaves a whole part. */
export function scaleFor(unit: Unit, greatest: number): Scale {
  const ladder = LADDERS[unit];
  const size = Math.abs(greatest);
  const step = size === 0 ? ladder.at(unit === 's' ? 0 : -1) : ladder.find(([divisor]) => size >= divisor * 0.9995);
  const [divisor, suffix] = step ?? ladder.at(-1) ?? [1, ''];
  return { divisor, suffix };
}

/** The number alone, in the scale's unit and without it. */
export function formatIn(scale: Scale, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NO_VALUE;
  const scaled = value / scale.divisor;
  if (scale.suffix === '%' || scale.suffix === 'B' || scale.suffix === 'rpm' || scale.suffix === '°C') {
    return withoutMinusZero(scaled.toFixed(0));
  }
  return threeDigits(scaled);
}

/** A value of a metric with its unit: `18 %`, `62.1 GiB`, `94 MB/s`, `51 °C`. */
export function formatValue(unit: Unit, value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NO_VALUE;
  const scale = scaleFor(unit, value);
  return withUnit(formatIn(scale, value), scale.suffix);
}

/** A ratio 0..1 as percent; `digits` after the point. */
export function formatPercent(ratio: number | null, digits = 0): string {
  if (ratio === null || !Number.isFinite(ratio)) return NO_VALUE;
  return withUnit(withoutMinusZero((ratio * 100).toFixed(digits)), '%');
}

/** Memory and file sizes: `212 MiB`, `31.4 GiB`. */
export function formatBytes(bytes: number | null): string {
  return formatValue('By', bytes);
}

/** `62.1 of 64 GiB`: both in the unit of the limit. */
export function formatBytesOf(usedBytes: number | null, limitBytes: number | null): string {
  if (limitBytes === null) return formatBytes(usedBytes);
  const scale = scaleFor('By', limitBytes);
  return `${formatIn(scale, usedBytes)} of ${withUnit(formatIn(scale, limitBytes), scale.suffix)}`;
}

/** Space on disk as settings and drive makers count it, powers of ten: `820 MB`, `2 TB`. */
export function formatGigabytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return NO_VALUE;
  if (bytes >= 1e12) return withUnit(threeDigits(bytes / 1e12), 'TB');
  if (bytes >= 1e9) return withUnit(threeDigits(bytes / 1e9), 'GB');
  return withUnit(threeDigits(bytes / 1e6), 'MB');
}

export function formatByteRate(bytesPerSecond: number | null): string {
  return formatValue('By/s', bytesPerSecond);
}

export function formatCelsius(celsius: number | null): string {
  return formatValue('Cel', celsius);
}

/** `64 W`, `2.84 kW`. */
export function formatWatts(watts: number | null): string {
  if (watts === null || !Number.isFinite(watts)) return NO_VALUE;
  return watts < 1_000 && watts >= 10 ? withUnit(watts.toFixed(0), 'W') : formatValue('W', watts);
}

/** A whole number with groups of three: `34 600 000`. */
export function formatCount(count: number | null): string {
  if (count === null || !Number.isFinite(count)) return NO_VALUE;
  return withoutMinusZero(count.toFixed(0)).replace(/\B(?=(\d{3})+$)/g, SPACE);
}

/** A length of time, its two largest parts: `850 ms`, `42 s`, `3 min 12 s`, `2 h`, `3 d 4 h`. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null || !Number.isFinite(durationMs)) return NO_VALUE;
  if (durationMs < SECOND_MS) return withUnit(Math.max(0, durationMs).toFixed(0), 'ms');
  if (durationMs < MINUTE_MS) return withUnit(Math.floor(durationMs / SECOND_MS).toFixed(0), 's');
  if (durationMs < HOUR_MS) return twoParts(durationMs, MINUTE_MS, 'min', SECOND_MS, 's');
  if (durationMs < DAY_MS) return twoParts(durationMs, HOUR_MS, 'h', MINUTE_MS, 'min');
  return twoParts(durationMs, DAY_MS, 'd', HOUR_MS, 'h');
}

function twoParts(durationMs: number, largeMs: number, large: string, smallMs: number, small: string): string {
  const whole = Math.floor(durationMs / largeMs);
  const rest = Math.floor((durationMs - whole * largeMs) / smallMs);
  const first = withUnit(String(whole), large);
  return rest === 0 ? first : `${first} ${withUnit(String(rest), small)}`;
}

/** Three significant digits without trailing zeros after the point; whole numbers from 100 up. */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  const text = value.toFixed(digits);
  return withoutMinusZero(digits === 0 ? text : text.replace(/\.?0+$/, ''));
}

function withoutMinusZero(text: string): string {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text;
}

function withUnit(number: string, unit: string): string {
  return unit === '' ? number : `${number}${SPACE}${unit}`;
}
