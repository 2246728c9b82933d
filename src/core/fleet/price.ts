/**
 * What a worker costs an hour, as people say it. One currency for the whole lab, whichever they think in: Labwatch compares
 * prices and adds them up, and converts none.
 */
import { fail, ok, type Result } from '../result.ts';

const MOST = 1_000_000;

/** Null takes the price away. */
export function checkPrice(price: number | null): Result<number | null> {
  return price === null || (Number.isFinite(price) && price >= 0 && price <= MOST)
    ? ok(price)
    : fail('invalid-argument', `A price per hour is a number from 0 to ${MOST}.`);
}

/** A number as typed, with a point; `none` takes the price away. */
export function parsePrice(text: string): Result<number | null> {
  const typed = text.trim();
  if (typed === 'none') return ok(null);
  return /^\d+(?:\.\d+)?$/.test(typed)
    ? checkPrice(Number(typed))
    : fail(
        'invalid-argument',
        `A price per hour is a number such as 0.35, or none; “${typed.slice(0, 40)}” is neither.`,
      );
}

/** `0.35 per hour` */
export function priceWords(pricePerHour: number): string {
  return `${pricePerHour} per hour`;
}
