/**
 * What may come, from what came: the outcomes of a key, the newest counting most, mixed with those of more general keys.
 *
 * The more general key counts like `priorRuns` outcomes of the key itself, so that one or two runs are not taken for all
 * that can happen, and many leave little of it (shrinkage; the m-estimate of Cestnik, ECAI 1990).
 */

/** Outcomes by size, each with its share; the shares sum up to 1. */
export interface Mixture {
  readonly values: readonly number[];
  readonly shares: readonly number[];
}

export interface MixtureOptions {
  /** What an outcome counts beside the one that came after it, (0, 1]. */
  readonly decay: number;
  /** How many outcomes of a key its more general one counts for. */
  readonly priorRuns: number;
}

/** Beyond what was ever seen, a whole level more is a factor of e to this. */
const BEYOND_FOLDS = 4;

/** `histories`: from the most specific to the most general, each oldest first. Null where all are empty. */
export function mixtureOf(
  histories: readonly (readonly number[])[],
  { decay, priorRuns }: MixtureOptions,
): Mixture | null {
  const outcomes: { readonly value: number; readonly share: number }[] = [];
  let left = 1;
  const known = histories.filter((history) => history.length > 0);
  for (const [index, history] of known.entries()) {
    const isLast = index === known.length - 1;
    const own = isLast ? left : (left * history.length) / (history.length + priorRuns);
    let share = decay === 1 ? own / history.length : (own * (1 - decay)) / (1 - decay ** history.length);
    for (let place = history.length - 1; place >= 0; place -= 1) {
      outcomes.push({ value: history[place] as number, share });
      share *= decay;
    }
    left -= own;
  }
  if (outcomes.length === 0) return null;
  outcomes.sort((one, other) => one.value - other.value);
  return { values: outcomes.map(({ value }) => value), shares: outcomes.map(({ share }) => share) };
}

/**
 * The least outcome that a share of `level` does not exceed. Levels below 0 and above 1 lie beyond all outcomes: calibration
 * asks for them where what was seen proved too narrow.
 */
export function quantileOf({ values, shares }: Mixture, level: number): number {
  const [least, greatest] = [values[0] as number, values.at(-1) as number];
  if (level < 0) return least * Math.exp(BEYOND_FOLDS * level);
  if (level > 1) return greatest * Math.exp(BEYOND_FOLDS * (level - 1));
  let sum = 0;
  for (const [place, share] of shares.entries()) {
    sum += share;
    if (sum >= level - 1e-12) return values[place] as number;
  }
  return greatest;
}

/**
 * The same of the outcomes above `passed`. What outlived every outcome is taken to last as long again: the correction that
 * backfilling with predictions needs (Tsafrir, Etsion and Feitelson, IEEE TPDS 18(6), 2007).
 */
export function quantileAbove({ values, shares }: Mixture, passed: number, level: number): number {
  let left = 0;
  for (const [place, value] of values.entries()) if (value > passed) left += shares[place] as number;
  if (left <= 1e-9) return 2 * passed;
  let sum = 0;
  for (const [place, value] of values.entries()) {
    if (value <= passed) continue;
    sum += shares[place] as number;
    if (sum >= (level - 1e-12) * left) return value;
  }
  return values.at(-1) as number;
}

/** 1 over the mean of 1 over each outcome, none taken for less than `floor`. */
export function harmonicMeanOf({ values, shares }: Mixture, floor: number): number {
  let sum = 0;
  for (const [place, value] of values.entries()) sum += (shares[place] as number) / Math.max(floor, value);
  return 1 / sum;
}
