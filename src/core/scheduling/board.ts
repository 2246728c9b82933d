/**
 * What is known of every worker for tasks of one sort, kept from one task to the next. After a placement one worker has
 * changed, and only that one is looked at again.
 *
 * Workers stand in the order of the list of candidates; NaN stands for “not known” in its columns.
 */
import type { TaskSpec } from '../tasks/task.ts';
import {
  type Asked,
  askedBy,
  FILTER_NAMES,
  hasSameNature,
  lastingHindrance,
  NO_FILTER,
  passingHindrance,
} from './filters.ts';
import { freeRoomOf, promiseFor, roomWith } from './free-room.ts';
import type { Candidate, Expectations } from './place.ts';
import type { Scorer } from './scorer.ts';
import { SCORERS } from './scorers.ts';
import type { ShapeMix } from './shape.ts';
import { textHash } from './text-hash.ts';

const LIST: readonly Scorer[] = SCORERS;

export interface Board {
  readonly asked: Asked;
  /** The place of the filter that keeps each worker out, or `NO_FILTER`. */
  readonly hindrances: Int16Array;
  /** How many workers each filter keeps out, by its place in the list. */
  readonly outCounts: readonly number[];
  /** Of a scorer that is `per: 'state'` the figures of all workers; null for others, and where it was never known of any. */
  column(scorer: number): Float64Array | null;
  readonly durationsMs: Float64Array;
  /** Whether any duration was ever known. */
  readonly hasDurations: boolean;
  readonly hashes: Uint32Array;
  /** Rises with each change of what the board says of any worker. */
  readonly version: number;
  look(candidates: readonly Candidate[], mix: ShapeMix, expectations: Expectations): void;
}

/** For `size` workers; a list of another length needs another board. */
export function createBoard(spec: TaskSpec, size: number): Board {
  const asked = askedBy(spec);
  const seen: (Candidate | undefined)[] = new Array(size).fill(undefined);
  const lasting = new Int16Array(size);
  const hindrances = new Int16Array(size).fill(NO_FILTER);
  const outCounts: number[] = FILTER_NAMES.map(() => 0);
  const columns = LIST.map(({ per }) => (per === 'state' ? new Float64Array(size) : null));
  const isKnown = LIST.map(() => false);
  const durationsMs = new Float64Array(size);
  let hasDurations = false;
  const hashes = new Uint32Array(size);
  let knownMix: ShapeMix | null = null;
  let expectationsVersion: number | null = null;
  let version = 0;

  function lookAt(place: number, candidate: Candidate, mix: ShapeMix): void {
    const before = seen[place];
    seen[place] = candidate;
    version += 1;
    if (before === undefined || !hasSameNature(before, candidate)) lasting[place] = lastingHindrance(asked, candidate);
    if (before?.workerId !== candidate.workerId) hashes[place] = textHash(candidate.workerId);
    const lastingOne = lasting[place] ?? NO_FILTER;
    const hindrance = lastingOne === NO_FILTER ? passingHindrance(asked, candidate) : lastingOne;
    const earlier = hindrances[place] ?? NO_FILTER;
    if (earlier !== NO_FILTER) outCounts[earlier] = (outCounts[earlier] ?? 0) - 1;
    if (hindrance !== NO_FILTER) outCounts[hindrance] = (outCounts[hindrance] ?? 0) + 1;
    hindrances[place] = hindrance;
    if (hindrance === NO_FILTER) score(place, candidate, mix);
  }

  function score(place: number, candidate: Candidate, mix: ShapeMix): void {
    const room = freeRoomOf(candidate);
    const promise = promiseFor(spec.needs, room);
    const prospect = { candidate, promise, before: room, after: roomWith(room, promise), mix };
    LIST.forEach((scorer, index) => {
      const column = columns[index];
      if (scorer.per !== 'state' || !column) return;
      const figure = scorer.figure(prospect);
      column[place] = figure ?? Number.NaN;
      if (figure !== null) isKnown[index] = true;
    });
  }

  function expect(place: number, candidate: Candidate, expectations: Expectations): void {
    const { durationMs } = expectations.of(spec, candidate);
    durationsMs[place] = durationMs ?? Number.NaN;
    if (durationMs !== null) hasDurations = true;
  }

  return {
    asked,
    hindrances,
    outCounts,
    column: (scorer) => (isKnown[scorer] ? (columns[scorer] ?? null) : null),
    durationsMs,
    get hasDurations() {
      return hasDurations;
    },
    hashes,
    get version() {
      return version;
    },
    look(candidates, mix, expectations) {
      const isOther = expectations.version !== expectationsVersion;
      expectationsVersion = expectations.version;
      const isMixOther = mix !== knownMix;
      knownMix = mix;
      for (let place = 0; place < size; place += 1) {
        const candidate = candidates[place] as Candidate;
        const isChanged = seen[place] !== candidate;
        if (isChanged) lookAt(place, candidate, mix);
        else if (isMixOther && hindrances[place] === NO_FILTER) score(place, candidate, mix);
        if ((isChanged || isOther) && hindrances[place] === NO_FILTER) expect(place, candidate, expectations);
      }
    },
  };
}
