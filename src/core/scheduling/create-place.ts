/**
 * Places a task: filter, score, choose, and say why.
 *
 * The answer follows from the arguments alone. What was found out for earlier tasks of the same sort is kept in boards, by
 * the identity of the workers (`board.ts`), which changes how long it takes and nothing else.
 *
 * A worker where the task ended badly before is left out as long as another one could take it, even if later: one that
 * fails everything at once is always idle, and would eat all retries.
 */
import type { WorkerId } from '../fleet/worker.ts';
import { programOf } from '../tasks/allowed-programs.ts';
import type { TaskSpec } from '../tasks/task.ts';
import { type Board, createBoard } from './board.ts';
import { type Experience, kindOf } from './experience.ts';
import type { PlacementExplanation } from './explanation.ts';
import { FILTER_NAMES, type FilterName, filterAt, NO_FILTER, type Rejection, rejectionBy } from './filters.ts';
import { freeRoomOf, promiseFor } from './free-room.ts';
import type { Candidate, Decision, Expectations, Placeable } from './place.ts';
import { keptSentence, placedSentence, unplaceableSentence, waitSentence } from './place-words.ts';
import type { ProfileChoice, Weights } from './profiles.ts';
import { createRanker, type Ranker } from './ranking.ts';
import type { ShapeMix } from './shape.ts';

/** What a decision rests on beside task and workers. */
export interface PlaceContext {
  /** Workers where the task ended badly before. */
  readonly avoid: ReadonlySet<WorkerId>;
  /** Workers whose room is kept for tasks before it. */
  readonly kept: ReadonlySet<WorkerId>;
  readonly nowMs: number;
  readonly profile: ProfileChoice;
  readonly weights: Weights;
  /** What is usually asked for here: what is left should be of use to it. */
  readonly mix: ShapeMix;
  readonly expectations: Expectations;
  readonly experience: Experience;
}

export type PlaceInContext = (task: Placeable, candidates: readonly Candidate[], context: PlaceContext) => Decision;

/** Boards that are kept: of the sorts of tasks that were asked for last. One takes some 60 bytes a worker. */
const MOST_BOARDS = 256;

export function createPlace(): PlaceInContext {
  const rank = createRanker();
  let fitting = new Int32Array(0);
  const boards = new Map<string, { readonly size: number; readonly board: Board; refusal: KeptRefusal | null }>();

  function boardFor(spec: TaskSpec, size: number) {
    const key = sortOf(spec);
    const known = boards.get(key);
    const entry = known?.size === size ? known : { size, board: createBoard(spec, size), refusal: null };
    boards.delete(key);
    boards.set(key, entry);
    const [oldest] = boards.keys();
    if (boards.size > MOST_BOARDS && oldest !== undefined) boards.delete(oldest);
    return entry;
  }

  /** In memory that is used again with the next call: in a large lab that is much of what a decision costs. */
  function placesThatFit({ hindrances }: Board, isWanted: ((place: number) => boolean) | null): Int32Array {
    if (fitting.length < hindrances.length) fitting = new Int32Array(2 * hindrances.length);
    let count = 0;
    for (let place = 0; place < hindrances.length; place += 1) {
      if (hindrances[place] === NO_FILTER && (isWanted === null || isWanted(place))) fitting[count++] = place;
    }
    return fitting.subarray(0, count);
  }

  return (task, candidates, context) => {
    const { avoid, kept, mix, expectations } = context;
    const entry = boardFor(task.spec, candidates.length);
    const { board } = entry;
    board.look(candidates, mix, expectations);
    const isKept = (place: number) => kept.size > 0 && kept.has(candidates[place]!.workerId);
    const isAvoided = (place: number) => avoid.size > 0 && avoid.has(candidates[place]!.workerId);
    const isPlain = avoid.size + kept.size === 0;
    const preferred = placesThatFit(board, isPlain ? null : (place) => !isKept(place) && !isAvoided(place));
    if (preferred.length > 0) return placed(task, board, candidates, preferred, context, false, rank);
    if (kept.size > 0) {
      const fitting = placesThatFit(board, isKept).length;
      if (fitting > 0) return { kind: 'waits', reason: keptSentence(fitting) };
    }
    if (avoid.size === 0) {
      if (entry.refusal?.version !== board.version)
        entry.refusal = { version: board.version, decision: refusal(task.spec, board, candidates, null, []) };
      return entry.refusal.decision;
    }
    const avoided = candidates.filter((_, place) => isAvoided(place));
    // A worker that is merely busy takes the task soon; one that is closed may stay so for days.
    if (board.hindrances.some((hindrance, place) => !isAvoided(place) && isBusy(hindrance)))
      return refusal(task.spec, board, candidates, isAvoided, avoided);
    const lastResort = placesThatFit(board, (place) => isAvoided(place) && !isKept(place));
    if (lastResort.length > 0) return placed(task, board, candidates, lastResort, context, true, rank);
    return refusal(task.spec, board, candidates, null, []);
  };
}

interface KeptRefusal {
  readonly version: number;
  readonly decision: Decision;
}

/** Tasks of which each worker can be said the same. */
function sortOf(spec: TaskSpec): string {
  const known = sorts.get(spec);
  if (known !== undefined) return known;
  const sort = JSON.stringify([spec.needs, programOf(spec), kindOf(spec)]);
  sorts.set(spec, sort);
  return sort;
}

const sorts = new WeakMap<TaskSpec, string>();

function isBusy(hindrance: number): boolean {
  return hindrance !== NO_FILTER && filterAt(hindrance).kind === 'busy';
}

function placed(
  { taskId, spec }: Placeable,
  board: Board,
  candidates: readonly Candidate[],
  places: Int32Array,
  { nowMs, profile, weights, experience, avoid, kept }: PlaceContext,
  isLastResort: boolean,
  rank: Ranker,
): Decision {
  const ranking = rank(board, candidates, places, { taskId, spec, weights, experience, nowMs });
  const candidate = candidates[ranking.best] as Candidate;
  const room = freeRoomOf(candidate);
  const promised = promiseFor(spec.needs, room);
  const [chosen, ...others] = ranking.shown;
  if (chosen === undefined) throw new Error(`Nobody was ranked for ${taskId}`);
  const durationMs = board.durationsMs[ranking.best] ?? Number.NaN;
  const explanation: PlacementExplanation = {
    atMs: nowMs,
    profile,
    weights,
    counted: ranking.counted,
    assumed: ranking.assumed,
    chosen,
    others,
    fittingCount: places.length,
    rejected: rejectedBy(board, candidates, { avoid, kept }, places.length),
    isLastResort,
    expectedDurationMs: Number.isNaN(durationMs) ? null : durationMs,
  };
  return {
    kind: 'placed',
    workerId: candidate.workerId,
    promised,
    reason: placedSentence(candidate, room, promised, explanation),
    explanation,
  };
}

/** Workers that pass every filter and are not among those compared are kept, or those where the task ended badly before. */
function rejectedBy(
  { hindrances, outCounts }: Board,
  candidates: readonly Candidate[],
  { avoid, kept }: Pick<PlaceContext, 'avoid' | 'kept'>,
  fittingCount: number,
): PlacementExplanation['rejected'] {
  const named: { readonly filter: FilterName; readonly count: number }[] = [];
  let passing = candidates.length;
  outCounts.forEach((count, place) => {
    passing -= count;
    const filter = FILTER_NAMES[place];
    if (count > 0 && filter !== undefined) named.push({ filter, count });
  });
  const outside = passing - fittingCount;
  const isPassing = (place: number) => hindrances[place] === NO_FILTER;
  // Mostly it is the one or the other.
  const keptCount =
    kept.size === 0 || avoid.size === 0
      ? Math.min(outside, kept.size)
      : candidates.filter(({ workerId }, place) => isPassing(place) && kept.has(workerId)).length;
  if (keptCount > 0) named.push({ filter: 'kept', count: keptCount });
  if (outside > keptCount) named.push({ filter: 'earlier-attempt', count: outside - keptCount });
  return named.sort((one, other) => other.count - one.count);
}

function refusal(
  spec: TaskSpec,
  board: Board,
  candidates: readonly Candidate[],
  isLeftOut: ((place: number) => boolean) | null,
  leftOut: readonly Candidate[],
): Decision {
  const rejections = rejectionsOf(board, candidates, isLeftOut);
  if (rejections.some(({ kind }) => kind !== 'never')) {
    return { kind: 'waits', reason: waitSentence(spec, rejections, leftOut) };
  }
  if (rejections.every(({ filter }) => filter === 'runs-tasks')) {
    // Likely the first thing that a new user meets, and mended by them: nothing is wrong with the task.
    return { kind: 'waits', reason: 'No worker runs tasks. Join one with --run-tasks.' };
  }
  return { kind: 'unplaceable', reason: unplaceableSentence(spec, rejections) };
}

/** Where some are busy only those of the reason that most of them have: it is what the sentence tells, and there may be many. */
function rejectionsOf(
  { asked, hindrances }: Board,
  candidates: readonly Candidate[],
  isLeftOut: ((place: number) => boolean) | null,
): readonly Rejection[] {
  const busy = new Map<number, number>();
  hindrances.forEach((hindrance, place) => {
    if (isBusy(hindrance) && isLeftOut?.(place) !== true) busy.set(hindrance, (busy.get(hindrance) ?? 0) + 1);
  });
  // Of equals the one that is nearest to a fit.
  const [told] = [...busy].sort(([one, count], [other, otherCount]) => otherCount - count || other - one);
  return candidates.flatMap((candidate, place) => {
    const hindrance = hindrances[place] ?? NO_FILTER;
    const isTold = told === undefined || hindrance === told[0];
    return isTold && isLeftOut?.(place) !== true && hindrance !== NO_FILTER
      ? [rejectionBy(hindrance, asked, candidate)]
      : [];
  });
}
