/**
 * What keeps a task from a worker, each as a named rule that gives a figure or a word for it, or nothing. Those that hold
 * even for an empty worker stand first; then those that a person or a cable ends; then those that other tasks end.
 */
import type { Capability } from '../fleet/capabilities.ts';
import { parseRequirement, satisfies } from '../fleet/requirement.ts';
import { mayBeAllowed, programOf } from '../tasks/allowed-programs.ts';
import type { TaskSpec } from '../tasks/task.ts';
import { withoutStop } from '../tasks/words.ts';
import { chooseGpus, type FreeRoom, freeRoomOf, gpusOfModel, isEnough, wholeRoomOf } from './free-room.ts';
import type { Candidate } from './place.ts';

export type FilterName =
  | 'runs-tasks'
  | 'programs'
  | 'capabilities'
  | 'labels'
  | 'gpu-model'
  | 'cores'
  | 'memory'
  | 'gpus'
  | 'gpu-memory'
  | 'reachable'
  | 'admission'
  | 'trouble'
  | 'critical'
  | 'fresh'
  | 'known'
  | 'free-places'
  | 'free-cores'
  | 'free-memory'
  | 'free-gpus'
  /** An earlier attempt of the task ended badly there. */
  | 'earlier-attempt'
  /** Its room is kept for a task that stands before this one. */
  | 'kept';

/** `never`: not even an empty worker would do. `closed`: takes nothing now. `busy`: has too little left. */
export type Hindrance = 'never' | 'closed' | 'busy';

/** Why a worker was passed over. `has`: the figure that fell short; `what`: the word that was missing. */
export interface Rejection {
  readonly candidate: Candidate;
  readonly kind: Hindrance;
  readonly filter: FilterName;
  /** How far it came; greater is nearer to a fit. */
  readonly depth: number;
  readonly has: number | null;
  readonly what: string;
}

/** A task as the filters ask it, its requirements read once. */
export interface Asked {
  readonly spec: TaskSpec;
  readonly program: string;
  readonly requirements: readonly { readonly text: string; readonly parsed: ReturnType<typeof parseRequirement> }[];
}

export function askedBy(spec: TaskSpec): Asked {
  return {
    spec,
    program: programOf(spec),
    requirements: spec.needs.capabilities.map((text) => ({ text, parsed: parseRequirement(text) })),
  };
}

interface Miss {
  readonly has: number | null;
  readonly what: string;
}

interface Filter {
  readonly name: FilterName;
  readonly kind: Hindrance;
  /** Null where the worker passes. `room`: of the empty worker for `never`, what is free there for `busy`. */
  readonly miss: (asked: Asked, candidate: Candidate, room: FreeRoom) => Miss | null;
}

function missing(what: string): Miss {
  return { has: null, what };
}

/** Unknown is no reason against an empty worker: that may be known at any moment. */
function shortOf(has: number | null, asked: number): Miss | null {
  return has === null || isEnough(has, asked) ? null : { has, what: '' };
}

const FILTERS: readonly Filter[] = [
  {
    name: 'runs-tasks',
    kind: 'never',
    miss: (_, { runsTasks }) => (runsTasks ? null : missing('')),
  },
  {
    name: 'programs',
    kind: 'never',
    miss: ({ program }, { allowedPrograms }) => (mayBeAllowed(allowedPrograms, program) ? null : missing(program)),
  },
  {
    name: 'capabilities',
    kind: 'never',
    miss({ requirements }, { capabilities }) {
      const unmet = requirements.find((requirement) => !isMet(requirement, capabilities));
      return unmet === undefined ? null : missing(unmet.text);
    },
  },
  {
    name: 'labels',
    kind: 'never',
    miss({ spec }, { labels }) {
      const unmet = Object.entries(spec.needs.labels).find(([key, value]) => !hasLabel(labels, key, value));
      return unmet === undefined ? null : missing(unmet.join('='));
    },
  },
  {
    name: 'gpu-model',
    kind: 'never',
    miss({ spec: { needs } }, _, { gpus }) {
      if (needs.gpus === 0 || needs.gpuModel === null) return null;
      return gpusOfModel(gpus, needs).length > 0 ? null : missing(needs.gpuModel);
    },
  },
  {
    name: 'cores',
    kind: 'never',
    miss: ({ spec: { needs } }, _, { cores }) => shortOf(cores, needs.cores),
  },
  {
    name: 'memory',
    kind: 'never',
    miss: ({ spec: { needs } }, _, { memoryBytes }) => shortOf(memoryBytes, needs.memoryBytes ?? 0),
  },
  {
    name: 'gpus',
    kind: 'never',
    miss: ({ spec: { needs } }, _, { gpus }) => shortOf(gpusOfModel(gpus, needs).length, Math.ceil(needs.gpus)),
  },
  {
    name: 'gpu-memory',
    kind: 'never',
    miss({ spec: { needs } }, _, { gpus }) {
      if (needs.gpuMemoryBytes === null || chooseGpus(gpus, needs) !== null) return null;
      return { has: Math.max(...gpusOfModel(gpus, needs).map(({ memoryBytes }) => memoryBytes ?? 0)), what: '' };
    },
  },
  {
    name: 'reachable',
    kind: 'closed',
    miss: (_, { isReachable }) => (isReachable ? null : missing('out of reach')),
  },
  {
    name: 'admission',
    kind: 'closed',
    miss: (_, { admission }) => (admission === 'open' ? null : missing(admission)),
  },
  {
    name: 'trouble',
    kind: 'closed',
    miss: (_, { trouble }) =>
      trouble === null ? null : missing(`left alone for a while, for it answered “${withoutStop(trouble)}”`),
  },
  {
    name: 'critical',
    kind: 'closed',
    miss: (_, { critical }) => (critical === null ? null : missing(critical)),
  },
  {
    name: 'fresh',
    kind: 'closed',
    miss: (_, { isFresh }) => (isFresh ? null : missing('without fresh figures')),
  },
  {
    name: 'known',
    kind: 'closed',
    miss({ spec: { needs } }, { capacity }) {
      const isKnown = capacity.cores !== null && (needs.memoryBytes === null || capacity.memoryBytes !== null);
      return isKnown ? null : missing('still to tell what hardware it has');
    },
  },
  {
    name: 'free-places',
    kind: 'busy',
    miss: (_, { maxParallel, promised }) =>
      maxParallel === null || promised.length < maxParallel ? null : { has: maxParallel, what: '' },
  },
  {
    name: 'free-cores',
    kind: 'busy',
    miss: ({ spec: { needs } }, _, { cores }) => shortOf(cores, needs.cores),
  },
  {
    name: 'free-memory',
    kind: 'busy',
    miss: ({ spec: { needs } }, _, { memoryBytes }) => shortOf(memoryBytes, needs.memoryBytes ?? 0),
  },
  {
    name: 'free-gpus',
    kind: 'busy',
    miss({ spec: { needs } }, _, { gpus }) {
      if (chooseGpus(gpus, needs) !== null) return null;
      const share = Math.min(needs.gpus, 1);
      const free = gpusOfModel(gpus, needs).map(({ freeShare }) => freeShare);
      // Of fractions the greatest share that is left, of whole ones how many.
      return { has: share < 1 ? Math.max(...free) : free.filter((left) => isEnough(left, 1)).length, what: '' };
    },
  },
];

/** Those of `never` stand first, and they look at nothing that comes and goes. */
const LASTING_COUNT = FILTERS.findIndex(({ kind }) => kind !== 'never');

/** In the order of the list. */
export const FILTER_NAMES: readonly FilterName[] = FILTERS.map(({ name }) => name);

/** Which filter keeps the task from the worker, first of all: its place in the list, the name of which `filterAt` tells. */
export const NO_FILTER = -1;

/** Whether nothing keeps the task from the worker now. */
export function fits(asked: Asked, candidate: Candidate): boolean {
  // The passing ones are quick to see, and in a busy lab keep most workers out.
  return passingHindrance(asked, candidate) === NO_FILTER && lastingHindrance(asked, candidate) === NO_FILTER;
}

/** Of the filters that ask whether even the empty worker would do. They follow from these fields alone. */
export function lastingHindrance(asked: Asked, candidate: Candidate): number {
  return firstMiss(asked, candidate, 0, LASTING_COUNT);
}

export function hasSameNature(one: Candidate, other: Candidate): boolean {
  return (
    one.capacity === other.capacity &&
    one.capabilities === other.capabilities &&
    one.labels === other.labels &&
    one.allowedPrograms === other.allowedPrograms &&
    one.runsTasks === other.runsTasks
  );
}

/** Of the filters that ask how the worker stands now. */
export function passingHindrance(asked: Asked, candidate: Candidate): number {
  return firstMiss(asked, candidate, LASTING_COUNT, FILTERS.length);
}

function firstMiss(asked: Asked, candidate: Candidate, from: number, to: number): number {
  const [whole, free] = [wholeRoomOf(candidate.capacity), freeRoomOf(candidate)];
  for (let place = from; place < to; place += 1) {
    const { kind, miss } = filterAt(place);
    if (miss(asked, candidate, kind === 'busy' ? free : whole) !== null) return place;
  }
  return NO_FILTER;
}

/** Throws for a place without a filter. */
export function filterAt(place: number): Filter {
  const filter = FILTERS[place];
  if (filter === undefined) throw new Error(`There is no filter ${place}`);
  return filter;
}

/** What keeps the task from the worker, by the filter at that place of the list. Throws where it does not. */
export function rejectionBy(place: number, asked: Asked, candidate: Candidate): Rejection {
  const { name, kind, miss } = filterAt(place);
  const missed = miss(asked, candidate, kind === 'busy' ? freeRoomOf(candidate) : wholeRoomOf(candidate.capacity));
  if (missed === null)
    throw new Error(`Nothing keeps the task from the worker: ${JSON.stringify({ asked, candidate })}`);
  return { candidate, kind, filter: name, depth: place, ...missed };
}

/** By list of capabilities, which stays the same until the hardware is read again. */
const metRequirements = new WeakMap<readonly Capability[], Map<string, boolean>>();

function isMet({ text, parsed }: Asked['requirements'][number], capabilities: readonly Capability[]): boolean {
  const known = metRequirements.get(capabilities) ?? new Map<string, boolean>();
  metRequirements.set(capabilities, known);
  const isMetHere = known.get(text) ?? (parsed.ok && satisfies(capabilities, parsed.value));
  known.set(text, isMetHere);
  return isMetHere;
}

function hasLabel(labels: Candidate['labels'], key: string, value: string): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value;
}
