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
  /** In the order of the places asked for; NaN: not known. Null: of nobody. */
  readonly scores: Float64Array | null;
  readonly mean: number;
  readonly hasUnknown: boolean;
}

export interface Asking extends Omit<AskedOnce, 'hasDurations'> {
  readonly taskId: TaskId;
  readonly weights: Weights;
}

/** `places`: of the workers that passed, at least one. */
export type Ranker = (board: Board, candidates: readonly Candidate[], places: Int32Array, asked: Asking) => Ranking;

/** Works in the same memory each time: in a large lab its columns would be most of what a decision costs. */
export function createRanker(): Ranker {
  let size = 0;
  let spare: Float64Array[] = [];
  let totals = new Float64Array(0);
  let durations = new Float64Array(0);

  function room(count: number): void {
    if (count <= size) return;
    size = 2 * count;
    spare = SCORERS.map(() => new Float64Array(size));
    [totals, durations] = [new Float64Array(size), new Float64Array(size)];
  }

  return (board, candidates, places, asked) => {
    const count = places.length;
    room(count);
    const { durationsMs, hasDurations } = board;
    if (hasDurations) for (let at = 0; at < count; at += 1) durations[at] = durationsMs[places[at] as number] as number;
    else durations.fill(Number.NaN, 0, count);
    const usualMs = hasDurations ? meanOf(durations, count) : Number.NaN;
    const columns = SCORERS.map((scorer: Scorer<ScoreName>, index): Column => {
      const scores = spare[index] as Float64Array;
      const own = board.column(index);
      const isAsked =
        scorer.per === 'task'
          ? fillAsked(scores, scorer.figures({ ...asked, hasDurations }), candidates, places, durations)
          : fillKept(scores, own, places);
      if (isAsked && scorer.is === 'rate')
        timesDuration(scores, count, durations, Number.isNaN(usualMs) ? USUAL_DURATION_MS : usualMs);
      if (isAsked && scorer.is !== 'score') towardsLeast(scores, count);
      const mean = isAsked ? meanOf(scores, count) : Number.NaN;
      const known = Number.isNaN(mean) ? null : scores;
      const hasUnknown = known !== null && someUnknown(known, count);
      return { name: scorer.name, weight: asked.weights[scorer.name], scores: known, mean, hasUnknown };
    });
    const counting = columns.filter(({ weight, scores }) => weight > 0 && scores !== null);
    sumUp(totals, counting, count);
    const order = firstOf(asked.taskId, board, places, totals, 1 + MOST_OTHERS);
    return {
      best: places[order[0] as number] as number,
      shown: order.map((at): ScoredWorker => {
        const { workerId, name } = candidates[places[at] as number] as Candidate;
        const scores = Object.fromEntries(columns.map((column) => [column.name, rounded(column.scores?.[at])]));
        const total = (totals[at] as number) / RESOLUTION;
        return { workerId, name, total: rounded(total) ?? 0, scores: scores as ScoredWorker['scores'] };
      }),
      counted: counting.map(({ name }) => name),
      assumed: Object.fromEntries(
        counting.filter(({ hasUnknown }) => hasUnknown).map(({ name, mean }) => [name, rounded(mean)]),
      ),
    };
  };
}

function fillKept(scores: Float64Array, own: Float64Array | null, places: Int32Array): boolean {
  if (own === null) return false;
  for (let at = 0; at < places.length; at += 1) scores[at] = own[places[at] as number] as number;
  return true;
}

function fillAsked(
  scores: Float64Array,
  figureOf: ReturnType<Extract<Scorer, { readonly per: 'task' }>['figures']>,
  candidates: readonly Candidate[],
  places: Int32Array,
  durations: Float64Array,
): boolean {
  if (figureOf === null) return false;
  for (let at = 0; at < places.length; at += 1) {
    const figure = figureOf(candidates[places[at] as number] as Candidate, durations[at] as number);
    scores[at] = figure ?? Number.NaN;
  }
  return true;
}

/** Where it is not known how long it takes there, it takes as long as elsewhere. */
function timesDuration(figures: Float64Array, count: number, durations: Float64Array, usualMs: number): void {
  for (let at = 0; at < count; at += 1) {
    const duration = durations[at] as number;
    figures[at] = (figures[at] as number) * (Number.isNaN(duration) ? usualMs : duration);
  }
}

/** Amounts to scores: the least to 1, twice as much to a half. What costs nothing scores 1, and all else 0 beside it. */
function towardsLeast(amounts: Float64Array, count: number): void {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < count; at += 1) if ((amounts[at] as number) < least) least = amounts[at] as number;
  for (let at = 0; at < count; at += 1) {
    const amount = amounts[at] as number;
    if (!Number.isNaN(amount)) amounts[at] = amount === least ? 1 : least / amount;
  }
}

/** Of those known; NaN where none is. */
function meanOf(figures: Float64Array, count: number): number {
  let [sum, known] = [0, 0];
  for (let at = 0; at < count; at += 1) {
    const figure = figures[at] as number;
    if (Number.isNaN(figure)) continue;
    sum += figure;
    known += 1;
  }
  return known === 0 ? Number.NaN : sum / known;
}

function someUnknown(figures: Float64Array, count: number): boolean {
  for (let at = 0; at < count; at += 1) if (Number.isNaN(figures[at] as number)) return true;
  return false;
}

/** Weighted means as whole numbers of the resolution. */
function sumUp(totals: Float64Array, columns: readonly Column[], count: number): void {
  totals.fill(0, 0, count);
  const weightSum = columns.reduce((sum, { weight }) => sum + weight, 0);
  for (const { weight, scores, mean } of columns) {
    if (scores === null) continue;
    const factor = (RESOLUTION * weight) / weightSum;
    for (let at = 0; at < count; at += 1) {
      const score = scores[at] as number;
      totals[at] = (totals[at] as number) + factor * (Number.isNaN(score) ? mean : score);
    }
  }
  for (let at = 0; at < count; at += 1) totals[at] = Math.round(totals[at] as number);
}

/** The best `most`, best first; equals in the order of a hash of task and worker, so that no worker comes first by its name. */
function firstOf(taskId: TaskId, { hashes }: Board, places: Int32Array, totals: Float64Array, most: number): number[] {
  const taskHash = textHash(taskId);
  const hashAt = (at: number) => mixedHash(taskHash, hashes[places[at] as number] as number);
  const isBefore = (one: number, other: number) => {
    const difference = (totals[one] as number) - (totals[other] as number);
    if (difference !== 0) return difference > 0;
    const hashDifference = hashAt(one) - hashAt(other);
    return hashDifference !== 0 ? hashDifference < 0 : one < other;
  };
  const first: number[] = [];
  let least = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < places.length; at += 1) {
    if ((totals[at] as number) < least || (first.length === most && !isBefore(at, first[most - 1] as number))) continue;
    let behind = first.length;
    while (behind > 0 && isBefore(at, first[behind - 1] as number)) behind -= 1;
    first.splice(behind, 0, at);
    if (first.length > most) first.pop();
    if (first.length === most) least = totals[first[most - 1] as number] as number;
  }
  return first;
}

/** To four digits: it is for people, and kept with each attempt. */
function rounded(score: number | undefined): number | null {
  return score === undefined || Number.isNaN(score) ? null : Math.round(score * 1e4) / 1e4;
}
