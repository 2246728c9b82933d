/**
 * A column told from others that move with it: what is left is smaller than the column.
 *
 * Much of what a machine measures is bound together: the states of memory add up to its size, a share is a multiple of
 * its amount, the cores make up the whole. So a column may be kept as what remains after a few reference columns, each
 * times the coefficient of ordinary least squares over the steps from sample to sample. Coefficients close to a whole
 * number are taken as it: in an exact sum nothing remains.
 */
export interface Reference {
  readonly column: Float64Array;
  readonly coefficient: number;
}

/** A reference and the number its owner gave it. */
export interface ChosenReference extends Reference {
  readonly id: number;
}

export interface Candidate {
  readonly id: number;
  readonly column: Float64Array;
}

const REFERENCES_MAX = 6;

/** Share of the bits that must remain at most: references cost a few bytes and more columns to read. */
const WORTHWHILE = 0.95;

/** A coefficient this close to a whole number is one. */
const WHOLE_WITHIN = 0.02;

/** The references that leave least; none when none is worth it. All columns must be of one length. */
export function chooseReferences(column: Float64Array, candidates: readonly Candidate[]): readonly ChosenReference[] {
  if (candidates.length === 0) return [];
  const chosen = strongest(leastSquares(column, candidates));
  const fitted = leastSquares(column, chosen);
  const options = [fitted.map(snapped), fitted].map((references) => {
    const used = references.filter((reference) => reference.coefficient !== 0);
    return { references: used, bits: columnBits(residual(column, used)) };
  });
  const best = options.reduce((least, one) => (one.bits < least.bits ? one : least));
  return best.bits < columnBits(column) * WORTHWHILE ? best.references : [];
}

function snapped(reference: ChosenReference): ChosenReference {
  const whole = Math.round(reference.coefficient);
  return Math.abs(reference.coefficient - whole) < WHOLE_WITHIN ? { ...reference, coefficient: whole } : reference;
}

/** Those that explain most: by the size of their steps times their coefficient. */
function strongest(references: readonly ChosenReference[]): readonly ChosenReference[] {
  const weight = ({ column, coefficient }: Reference): number => {
    const steps = stepsOf(column);
    return coefficient * coefficient * dot(steps, steps);
  };
  return references
    .map((reference) => ({ reference, weight: weight(reference) }))
    .filter((one) => one.weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .slice(0, REFERENCES_MAX)
    .map((one) => one.reference);
}

/** What remains of `column` after the references; whole numbers, since each product is rounded. */
export function residual(column: Float64Array, references: readonly Reference[]): Float64Array {
  return combined(column, references, -1);
}

/** The inverse of `residual`. */
export function restored(rest: Float64Array, references: readonly Reference[]): Float64Array {
  return combined(rest, references, 1);
}

function combined(column: Float64Array, references: readonly Reference[], sign: 1 | -1): Float64Array {
  const result = column.slice();
  for (const { column: reference, coefficient } of references) {
    for (let index = 0; index < result.length; index += 1) {
      const part = Math.round(coefficient * (reference[index] as number));
      result[index] = (result[index] as number) + sign * part;
    }
  }
  return result;
}

/** Coefficients by the normal equations of the steps; 0 for a candidate that the others already make up. */
function leastSquares(column: Float64Array, candidates: readonly Candidate[]): readonly ChosenReference[] {
  const target = stepsOf(column);
  const steps = candidates.map((candidate) => stepsOf(candidate.column));
  const rows = steps.map((one) => [...steps.map((other) => dot(one, other)), dot(one, target)]);
  const coefficients = solve(rows);
  return candidates.map((candidate, index) => ({ ...candidate, coefficient: coefficients[index] ?? 0 }));
}

/** Gauss-Jordan elimination with the largest pivot of the diagonal first; rows end with their right side. */
function solve(rows: readonly number[][]): readonly number[] {
  const left = new Set(rows.keys());
  const sizes = rows.map((row, index) => row[index] as number);
  const solved: number[] = [];
  while (left.size > 0) {
    const pivot = [...left].reduce((best, one) => ((rows[one]?.[one] ?? 0) > (rows[best]?.[best] ?? 0) ? one : best));
    left.delete(pivot);
    const row = rows[pivot] as number[];
    const scale = row[pivot] as number;
    if (!(scale > (sizes[pivot] as number) * 1e-9)) continue;
    solved.push(pivot);
    for (let column = 0; column < row.length; column += 1) row[column] = (row[column] as number) / scale;
    for (const [index, other] of rows.entries()) {
      const factor = other[pivot] as number;
      if (index === pivot || factor === 0) continue;
      for (let column = 0; column < row.length; column += 1) {
        other[column] = (other[column] as number) - factor * (row[column] as number);
      }
    }
  }
  return rows.map((row, index) => (solved.includes(index) ? (row.at(-1) as number) : 0));
}

function stepsOf(column: Float64Array): Float64Array {
  const steps = new Float64Array(Math.max(0, column.length - 1));
  for (let index = 0; index < steps.length; index += 1) {
    steps[index] = (column[index + 1] as number) - (column[index] as number);
  }
  return steps;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index += 1) sum += (one[index] as number) * (other[index] as number);
  return sum;
}

/** About how many bits the column takes: of its numbers, or of its steps where those are smaller. */
function columnBits(column: Float64Array): number {
  let plain = 0;
  let steps = 0;
  let last = 0;
  for (let index = 0; index < column.length; index += 1) {
    const value = column[index] as number;
    plain += bitsOf(value);
    steps += bitsOf(value - last);
    last = value;
  }
  return Math.min(plain, steps) + column.length;
}

function bitsOf(value: number): number {
  const size = Math.abs(value);
  return size < 2 ** 31 ? 32 - Math.clz32(size) : 32 + Math.log2(size / 2 ** 31);
}
