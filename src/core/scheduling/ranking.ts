/**
 * The workers that could take a task, on one scale: the weighted mean of their sub-scores.
 *
 * A sub-score that is known of none of them is left out, for nobody wins by it. Of one that is known of some, the others are
 * given the mean of these: not to be known is neither good nor bad.
 */
import type { TaskId } from '../tasks/task.ts';
import type { Board } from './board.ts';
import { MOST_OTHERS, type ScoredWorker } from './explanation.ts';
import type { Candidate } from './place.ts';
import type { Weights } from './profiles.ts';
import type { ScoreName } from './score-names.ts';
import type { AskedOnce, Scorer } from './scorer.ts';
import { SCORERS } from './scorers.ts';
import { mixedHash, textHash } from './text-hash.ts';

/** Totals that differ by less are equal: sums round differently in another order. */
const RESOLUTION = 1e9;
/** An hour: what a task takes where nothing is known of any, so that prices and watts are compared all the same. */
const USUAL_DURATION_MS = 3_600_000;

export interface Ranking {
  /** Place of the best in the list of candidates. */
  readonly best: number;
  /** The best first. */
  readonly shown: readonly ScoredWorker[];
  readonly counted: readonly ScoreName[];
  readonly assumed: Partial<Record<ScoreName, number>>;
}

interface Column {
  readonly name: ScoreName;
  readonly weight: number;
  /** In the order of the places asked for; NaN: not known. */
  readonly scores: Float64Array;
  /** Mean of those known; NaN where none is. */
  readonly mean: number;
}

/** `places`: of the workers that passed, at least one. */
export function ranked(
  taskId: TaskId,
  board: Board,
  candidates: readonly Candidate[],
  places: Int32Array,
  weights: Weights,
  asked: AskedOnce,
): Ranking {
  const durations = durationsAt(board, places);
  const columns = SCORERS.map((scorer: Scorer<ScoreName>, index): Column => {
    const scores = figuresOf(scorer, board.columns[index] ?? null, candidates, places, durations, asked);
    if (scorer.is !== 'score') towardsLeast(scores);
    return { name: scorer.name, weight: weights[scorer.name], scores, mean: meanOf(scores) };
  });
  const counting = columns.filter(({ weight, mean }) => weight > 0 && !Number.isNaN(mean));
  const totals = totalsOf(counting, places.length);
  const order = firstOf(taskId, board, places, totals, 1 + MOST_OTHERS);
  return {
    best: places[order[0] as number] as number,
    shown: order.map((at): ScoredWorker => {
      const { workerId, name } = candidates[places[at] as number] as Candidate;
      const scores = Object.fromEntries(columns.map((column) => [column.name, rounded(column.scores[at])]));
      return { workerId, name, total: rounded(totals[at]) ?? 0, scores: scores as ScoredWorker['scores'] };
    }),
    counted: counting.map(({ name }) => name),
    assumed: Object.fromEntries(
      counting.filter(({ scores }) => scores.some(Number.isNaN)).map(({ name, mean }) => [name, rounded(mean)]),
    ),
  };
}

function durationsAt({ durationsMs }: Board, places: Int32Array): Float64Array {
  return Float64Array.from(places, (place) => durationsMs[place] as number);
}

function figuresOf(
  scorer: Scorer,
  column: Float64Array | null,
  candidates: readonly Candidate[],
  places: Int32Array,
  durations: Float64Array,
  asked: AskedOnce,
): Float64Array {
  const figures = new Float64Array(places.length);
  if (scorer.per === 'task') {
    const figureOf = scorer.figures(asked);
    if (figureOf === null) return figures.fill(Number.NaN);
    for (let at = 0; at < figures.length; at += 1) {
      figures[at] = figureOf(candidates[places[at] as number] as Candidate, known(durations[at])) ?? Number.NaN;
    }
    return figures;
  }
  for (let at = 0; at < figures.length; at += 1) figures[at] = column?.[places[at] as number] ?? Number.NaN;
  if (scorer.is !== 'rate') return figures;
  // Where it is not known how long it takes there, it takes as long as elsewhere.
  const mean = meanOf(durations);
  const usual = Number.isNaN(mean) ? USUAL_DURATION_MS : mean;
  for (let at = 0; at < figures.length; at += 1) {
    const duration = durations[at] as number;
    figures[at] = (figures[at] as number) * (Number.isNaN(duration) ? usual : duration);
  }
  return figures;
}

/** Amounts to scores: the least to 1, twice as much to a half. What costs nothing scores 1, and all else 0 beside it. */
function towardsLeast(amounts: Float64Array): void {
  let least = Number.POSITIVE_INFINITY;
  for (const amount of amounts) if (amount < least) least = amount;
  for (let at = 0; at < amounts.length; at += 1) {
    const amount = amounts[at] as number;
    if (!Number.isNaN(amount)) amounts[at] = amount === least ? 1 : least / amount;
  }
}

function meanOf(figures: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const figure of figures) {
    if (Number.isNaN(figure)) continue;
    sum += figure;
    count += 1;
  }
  return count === 0 ? Number.NaN : sum / count;
}

function totalsOf(columns: readonly Column[], count: number): Float64Array {
  const totals = new Float64Array(count);
  const weightSum = columns.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, scores, mean } of columns) {
    for (let at = 0; at < count; at += 1) {
      const score = scores[at] as number;
      totals[at] = (totals[at] as number) + weight * (Number.isNaN(score) ? mean : score);
    }
  }
  if (weightSum > 0) for (let at = 0; at < count; at += 1) totals[at] = (totals[at] as number) / weightSum;
  return totals;
}

/** The best `most`, best first; equals in the order of a hash of task and worker, so that no worker comes first by its name. */
function firstOf(taskId: TaskId, { hashes }: Board, places: Int32Array, totals: Float64Array, most: number): number[] {
  const taskHash = textHash(taskId);
  const keys = totals.map((total) => Math.round(total * RESOLUTION));
  const hashAt = (at: number) => mixedHash(taskHash, hashes[places[at] as number] as number);
  const isBefore = (one: number, other: number) => {
    const difference = (keys[one] as number) - (keys[other] as number);
    if (difference !== 0) return difference > 0;
    const hashDifference = hashAt(one) - hashAt(other);
    return hashDifference !== 0 ? hashDifference < 0 : one < other;
  };
  const first: number[] = [];
  for (let at = 0; at < totals.length; at += 1) {
    if (first.length === most && !isBefore(at, first[most - 1] as number)) continue;
    let behind = first.length;
    while (behind > 0 && isBefore(at, first[behind - 1] as number)) behind -= 1;
    first.splice(behind, 0, at);
    if (first.length > most) first.pop();
  }
  return first;
}

/** To four digits: it is for people, and kept with each attempt. */
function rounded(score: number | undefined): number | null {
  const figure = known(score);
  return figure === null ? null : Math.round(figure * 1e4) / 1e4;
}

function known(figure: number | undefined): number | null {
  return figure === undefined || Number.isNaN(figure) ? null : figure;
}
