/**
 * What ended attempts taught about workers: where tasks of a kind succeed, and what a worker has at hand.
 *
 * Fed with attempts in the order of their ends, it has no clock and no chance: the same attempts give the same answers.
 * Bounded: kinds and keys that were used longest ago are forgotten.
 */
import type { WorkerId } from '../fleet/worker.ts';
import { programOf } from '../tasks/allowed-programs.ts';
import type { EndedAttempt } from '../tasks/ended-attempt.ts';
import type { Attempt, TaskSpec } from '../tasks/task.ts';
import { HOUR_MS } from '../time.ts';

/** How much an outcome counts once another one of its kind came after it on the worker: the last ten are two thirds of all. */
const FADING = 0.9;
/** What is known of the kind anywhere counts like so many outcomes on the worker. */
const PRIOR_OUTCOMES = 2;
/** What a task had at hand is half forgotten after this: caches in memory and on disk give way to what others use. */
const WARMTH_HALF_LIFE_MS = HOUR_MS;

const MOST_KINDS = 2_000;
const MOST_KEYS = 2_000;

export interface Experience {
  /** One that is not over teaches nothing. */
  learn(attempt: Pick<EndedAttempt, 'workerId' | 'state' | 'end' | 'endedAtMs' | 'spec'>): void;
  /**
   * How likely an attempt of the kind succeeds on a worker, 0..1: the mean of the Beta distribution over the outcomes there,
   * faded, with the kind's own rate as the prior. Null: none of the kind has ended anywhere.
   */
  reliabilityOf(kind: string): ((workerId: WorkerId) => number) | null;
  /** How much a worker has of the key at hand, 0..1. Null: nobody has used it. */
  warmthOf(affinityKey: string, nowMs: number): ((workerId: WorkerId) => number) | null;
  /** The worker is gone. */
  forget(workerId: WorkerId): void;
}

/** Of outcomes, each weighed: successes, and all. */
interface Record {
  readonly successes: number;
  readonly outcomes: number;
}

interface Kind {
  readonly overall: Record;
  readonly byWorker: Map<WorkerId, Record>;
}

const NOTHING: Record = { successes: 0, outcomes: 0 };

export function createExperience(): Experience {
  const kinds = new Map<string, Kind>();
  const lastUses = new Map<string, Map<WorkerId, number>>();

  function learnOutcome(kind: string, workerId: WorkerId, isSuccess: boolean): void {
    const { overall, byWorker } = kinds.get(kind) ?? { overall: NOTHING, byWorker: new Map<WorkerId, Record>() };
    byWorker.set(workerId, withOutcome(byWorker.get(workerId) ?? NOTHING, isSuccess));
    renew(kinds, kind, { overall: withOutcome(overall, isSuccess), byWorker }, MOST_KINDS);
  }

  return {
    learn({ workerId, state, end, endedAtMs, spec }) {
      const isSuccess = outcomeOf(state, end?.how ?? null);
      if (isSuccess !== null) learnOutcome(kindOf(spec), workerId, isSuccess);
      const { affinityKey } = spec;
      if (affinityKey === null || endedAtMs === null || end === null || end.how === 'not-started') return;
      const uses = lastUses.get(affinityKey) ?? new Map<WorkerId, number>();
      uses.set(workerId, Math.max(uses.get(workerId) ?? 0, endedAtMs));
      renew(lastUses, affinityKey, uses, MOST_KEYS);
    },
    reliabilityOf(kind) {
      const known = kinds.get(kind);
      if (known === undefined) return null;
      // Of the kind itself nothing was known before: as likely as not.
      const prior = (1 + known.overall.successes) / (2 + known.overall.outcomes);
      return (workerId) => {
        const { successes, outcomes } = known.byWorker.get(workerId) ?? NOTHING;
        return (PRIOR_OUTCOMES * prior + successes) / (PRIOR_OUTCOMES + outcomes);
      };
    },
    warmthOf(affinityKey, nowMs) {
      const uses = lastUses.get(affinityKey);
      if (uses === undefined) return null;
      return (workerId) => {
        const usedAtMs = uses.get(workerId);
        return usedAtMs === undefined ? 0 : 2 ** (-Math.max(0, nowMs - usedAtMs) / WARMTH_HALF_LIFE_MS);
      };
    },
    forget(workerId) {
      for (const { byWorker } of kinds.values()) byWorker.delete(workerId);
      for (const uses of lastUses.values()) uses.delete(workerId);
    },
  };
}

/** Attempts of one kind likely end alike: what the plan calls its type, else its command with what varies left out. */
export function kindOf(spec: TaskSpec): string {
  const known = kindsOfSpecs.get(spec);
  if (known !== undefined) return known;
  const kind = spec.type === null ? `$ ${commandShape(spec)}` : `type ${spec.type}`;
  kindsOfSpecs.set(spec, kind);
  return kind;
}

const kindsOfSpecs = new WeakMap<TaskSpec, string>();
/** Words of a command past these seldom tell of its kind. */
const MOST_WORDS = 8;
const MOST_CHARACTERS = 200;

/** `python train.py --seed 7` and `python train.py --seed 8` have one shape. */
function commandShape(spec: TaskSpec): string {
  const words = spec.isShell ? spec.command : [programOf(spec), ...spec.command.slice(1)];
  const shape = words.slice(0, MOST_WORDS).join(' ').slice(0, MOST_CHARACTERS);
  return shape.replace(/\d+/g, '#');
}

/** Null: says nothing of the worker. */
function outcomeOf(state: Attempt['state'], how: string | null): boolean | null {
  if (state === 'succeeded') return true;
  if (state === 'failed' || state === 'timed-out') return false;
  // What the worker gave back never began there.
  return state === 'lost' && how !== 'not-started' ? false : null;
}

function withOutcome({ successes, outcomes }: Record, isSuccess: boolean): Record {
  return { successes: FADING * successes + (isSuccess ? 1 : 0), outcomes: FADING * outcomes + 1 };
}

/** Puts it behind all others; what was renewed longest ago goes first. */
function renew<Value>(entries: Map<string, Value>, key: string, value: Value, most: number): void {
  entries.delete(key);
  entries.set(key, value);
  const [oldest] = entries.keys();
  if (entries.size > most && oldest !== undefined) entries.delete(oldest);
}
