/**
 * Placement for the time being: the first worker, in the order in which they come, that has room for the task.
 *
 * A worker where the task ended badly before is left out as long as another one could take it, even if later: one that
 * fails everything at once is always idle, and would eat all retries.
 */
import type { Promised, TaskSpec } from '../tasks/task.ts';
import { askedBy, fits, type Rejection, rejectionOf } from './filters.ts';
import { chooseGpus, type FreeRoom, freeRoomOf } from './free-room.ts';
import type { Candidate, Decision, Place } from './place.ts';
import { placedSentence, unplaceableSentence, waitSentence } from './place-words.ts';

export const firstFit: Place = (spec, candidates, avoid) => {
  const asked = askedBy(spec);
  const preferred = avoid.size === 0 ? candidates : candidates.filter(({ workerId }) => !avoid.has(workerId));
  const found = preferred.find((candidate) => fits(asked, candidate));
  if (found !== undefined) return placed(spec, found);
  const rejections = preferred.map((candidate) => rejectionOf(asked, candidate));
  const avoided = candidates.filter(({ workerId }) => avoid.has(workerId));
  // A worker that is merely busy takes the task soon; one that is closed may stay so for days.
  if (rejections.some(({ kind }) => kind === 'busy')) return refusal(spec, rejections, avoided);
  const lastResort = avoided.find((candidate) => fits(asked, candidate));
  if (lastResort !== undefined) return placed(spec, lastResort);
  return refusal(spec, [...rejections, ...avoided.map((candidate) => rejectionOf(asked, candidate))], []);
};

function placed(spec: TaskSpec, candidate: Candidate): Decision {
  const room = freeRoomOf(candidate);
  const promised = promiseFor(spec, room);
  const reason = placedSentence(candidate, room, promised);
  return { kind: 'placed', workerId: candidate.workerId, promised, reason };
}

function promiseFor({ needs }: TaskSpec, { gpus }: FreeRoom): Promised {
  const chosen = chooseGpus(gpus, needs);
  if (chosen === null)
    throw new Error(`A worker without the GPUs passed all filters: ${JSON.stringify({ needs, gpus })}`);
  return {
    cores: needs.cores,
    memoryBytes: needs.memoryBytes ?? 0,
    gpus: chosen,
    gpuMemoryBytes: chosen.length === 0 ? 0 : (needs.gpuMemoryBytes ?? 0),
  };
}

function refusal(spec: TaskSpec, rejections: readonly Rejection[], leftOut: readonly Candidate[]): Decision {
  if (rejections.some(({ kind }) => kind !== 'never')) {
    return { kind: 'waits', reason: waitSentence(spec, rejections, leftOut) };
  }
  if (rejections.every(({ filter }) => filter === 'runs-tasks')) {
    // Likely the first thing that a new user meets, and mended by them: nothing is wrong with the task.
    return { kind: 'waits', reason: 'No worker runs tasks. Join one with --run-tasks.' };
  }
  return { kind: 'unplaceable', reason: unplaceableSentence(spec, rejections) };
}
