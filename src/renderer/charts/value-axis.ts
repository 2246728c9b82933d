/** The span of the value axis: fixed for shares, round and steady for everything else. Pure. */
import type { Unit } from '../../core/metrics/catalogue.ts';

export interface ValueSpan {
  readonly least: number;
  readonly most: number;
}

/** Shares reach to 100 %, or to the smallest of these that holds them where they are usually tiny (pressure). */
const SHARE_STEPS = [0.05, 0.1, 0.25, 0.5, 1];
const ROUND_STEPS = [1, 2, 2.5, 4, 5, 8, 10];
/** A shrinking maximum moves the axis only when it leaves this share of it unused, so that it does not twitch. */
const SHRINK_BELOW = 0.45;

/** `before` is the span shown so far; `isWhole` is true for shares of a whole that are read against 100 %. */
export function valueSpan(
  unit: Unit,
  isWhole: boolean,
  least: number,
  most: number,
  before: ValueSpan | null,
): ValueSpan {
  if (unit === '1' && isWhole) return { least: 0, most: Math.max(1, Math.ceil(most - 0.005)) };
  if (unit === 'Cel') return temperatureSpan(least, most, before);
  const greatest = unit === '1' ? (SHARE_STEPS.find((step) => most <= step) ?? most) : roundUp(most, unit);
  if (before !== null && most <= before.most && greatest > before.most * SHRINK_BELOW) return before;
  return { least: 0, most: greatest };
}

function temperatureSpan(least: number, most: number, before: ValueSpan | null): ValueSpan {
  const span = { least: Math.floor(least / 20) * 20, most: Math.ceil((most + 1) / 20) * 20 };
  const holds = before !== null && before.least <= span.least && before.most >= span.most;
  return holds && before.most - before.least <= span.most - span.least + 20 ? before : span;
}

/** The next round number: in powers of two for bytes, of ten for the rest. */
function roundUp(value: number, unit: Unit): number {
  if (!(value > 0)) return unit === 's' ? 0.001 : 1;
  if (unit === 'By') return 2 ** Math.ceil(Math.log2(value));
  const power = 10 ** Math.floor(Math.log10(value));
  return (ROUND_STEPS.find((step) => value <= step * power * 1.0001) ?? 10) * power;
}
