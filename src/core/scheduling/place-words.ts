/** Why a task was placed, waits, or fits nowhere: one sentence with the figures. */
import { formatBytes, formatBytesOf, formatPercent } from '../metrics/format.ts';
import type { Promised, TaskSpec } from '../tasks/task.ts';
import { listed } from '../tasks/words.ts';
import type { PlacementExplanation } from './explanation.ts';
import type { FilterName, Rejection } from './filters.ts';
import type { FreeRoom } from './free-room.ts';
import type { Candidate } from './place.ts';
import type { ScoreName } from './score-names.ts';

/** What differs by less was not what decided. */
const NO_LEAD = 1e-6;

/**
 * `rig-3 scored best of 4 workers that could take it, mostly for headroom (75 %) and reliability (95 %): 4 of 4 cores and
 * 8 of 8 GiB were free.`
 */
export function placedSentence(
  { name, capacity }: Candidate,
  room: FreeRoom,
  promised: Promised,
  explanation: PlacementExplanation,
): string {
  const figures = [
    room.cores === null || capacity.cores === null
      ? null
      : `${count(room.cores)} of ${counted(capacity.cores, 'core')}`,
    room.memoryBytes === null || capacity.memoryBytes === null
      ? null
      : formatBytesOf(room.memoryBytes, capacity.memoryBytes),
    ...promised.gpus.map(({ index }) => `GPU ${index}`),
  ].filter((figure) => figure !== null);
  return `${name} ${choiceWords(explanation)}: ${listed(figures)} were free.`;
}

function choiceWords(explanation: PlacementExplanation): string {
  const { fittingCount, isLastResort } = explanation;
  if (isLastResort && fittingCount === 1) return 'is the only worker that could take it, although it ended badly there';
  if (fittingCount === 1) return 'is the only worker that could take it';
  const deciding = decidingScores(explanation);
  const best = `scored best of ${fittingCount} workers that could take it`;
  if (deciding.length === 0) return `is one of ${fittingCount} workers that could take it equally well`;
  const { scores } = explanation.chosen;
  const words = deciding.map(
    (score) => `${score} (${formatPercent(scores[score] ?? explanation.assumed[score] ?? 0)})`,
  );
  return `${best}, mostly for ${listed(words)}`;
}

/** At most two sub-scores by which the chosen worker is ahead of the next one, those that weigh most first. */
function decidingScores({ chosen, others: [next], weights, counted, assumed }: PlacementExplanation) {
  if (next === undefined) return [];
  const lead = (name: ScoreName) =>
    weights[name] * ((chosen.scores[name] ?? assumed[name] ?? 0) - (next.scores[name] ?? assumed[name] ?? 0));
  return counted
    .filter((name) => lead(name) > NO_LEAD)
    .sort((one, other) => lead(other) - lead(one))
    .slice(0, 2);
}

/** `count`: workers that could take it, were they not kept. */
export function keptSentence(count: number): string {
  const who =
    count === 1 ? 'The only worker that could take it now is' : `All ${count} workers that could take it now are`;
  return `${who} kept for tasks that stand before it.`;
}

/** What most of those that could take it lack now. `leftOut`: workers where it ended badly before. */
export function waitSentence(spec: TaskSpec, rejections: readonly Rejection[], leftOut: readonly Candidate[]): string {
  const busy = mostCommon(rejections.filter(({ kind }) => kind === 'busy'));
  const sentence = busy.length > 0 ? busySentence(spec, busy) : closedSentence(rejections);
  if (leftOut.length === 0) return sentence;
  const names = leftOut.length > 3 ? `${leftOut.length} workers` : listed(leftOut.map(({ name }) => name));
  return `${sentence} ${names} ${leftOut.length === 1 ? 'is' : 'are'} left out: an earlier attempt ended badly there.`;
}

/** `rig-03 is busy: 4 cores are asked for, 1.5 are free.` */
function busySentence(spec: TaskSpec, busy: readonly Rejection[]): string {
  const [first] = busy;
  if (first === undefined) throw new Error('Nobody is busy');
  const isOne = busy.length === 1;
  const who = isOne ? `${first.candidate.name} is busy` : `${busy.length} workers are busy`;
  const most = Math.max(...busy.map(({ has }) => has ?? 0));
  if (first.filter === 'free-places') {
    return isOne
      ? `${who}: it runs ${counted(most, 'task')}, its limit.`
      : `${who}: they run as many tasks as they may.`;
  }
  const { asked, free } = figuresOf(spec, first.filter, most);
  return `${who}: ${asked} asked for, ${isOne ? '' : 'at most '}${free} free.`;
}

/** `rig-03 is paused.`, `2 workers that could take it are out of reach.` */
function closedSentence(rejections: readonly Rejection[]): string {
  const closed = mostCommon(rejections.filter(({ kind }) => kind === 'closed'));
  const [first] = closed;
  if (first === undefined) throw new Error('Nobody is closed');
  if (closed.length === 1) return `${first.candidate.name} could take it and is ${first.what}.`;
  return `${closed.length} workers could take it and are ${first.what}.`;
}

/** What the workers lack that came nearest to a fit. */
export function unplaceableSentence(spec: TaskSpec, rejections: readonly Rejection[]): string {
  const deepest = Math.max(...rejections.map(({ depth }) => depth));
  const nearest = rejections.filter(({ depth }) => depth === deepest);
  const [first] = nearest;
  if (first === undefined) throw new Error('No worker was looked at');
  // Those that only watch are not counted among the workers that a task could be for.
  const others = rejections.filter(({ depth, filter }) => depth < deepest && filter !== 'runs-tasks').length;
  const none = others === 0 ? 'No worker' : 'No worker that fits otherwise';
  const most = Math.max(...nearest.map(({ has }) => has ?? 0));
  switch (first.filter) {
    case 'programs':
      return `${none} lets tasks run “${first.what}”: their owners allow other programs.`;
    case 'capabilities':
      return `${none} has ${first.what}.`;
    case 'labels':
      return `${none} has the label ${first.what}.`;
    case 'gpu-model':
      return `${none} has a GPU “${first.what}”.`;
    case 'gpus':
      if (most === 0) return `${none} has a GPU.`;
      break;
    default:
  }
  const { asked, free } = figuresOf(spec, first.filter, most);
  return `${none} is large enough: ${asked} asked for, at most ${free} there.`;
}

/** With their verbs: `4 cores are`, `1.5 are`. */
function figuresOf({ needs }: TaskSpec, filter: FilterName, most: number): { asked: string; free: string } {
  switch (filter) {
    case 'cores':
    case 'free-cores':
      return { asked: withVerb(needs.cores, 'core'), free: `${count(most)} ${most === 1 ? 'is' : 'are'}` };
    case 'memory':
    case 'free-memory':
      return { asked: `${formatBytes(needs.memoryBytes)} of memory are`, free: `${formatBytes(most)} are` };
    case 'gpu-memory':
      return { asked: `${formatBytes(needs.gpuMemoryBytes)} of GPU memory are`, free: `${formatBytes(most)} are` };
    default: {
      const memory = needs.gpuMemoryBytes === null ? '' : ` with ${formatBytes(needs.gpuMemoryBytes)} free`;
      const isOne = needs.gpus <= 1;
      const asked = `${count(needs.gpus)} ${isOne ? 'GPU' : 'GPUs'}${memory} ${isOne ? 'is' : 'are'}`;
      return { asked, free: `${count(most)} ${most === 1 ? 'is' : 'are'}` };
    }
  }
}

function withVerb(number: number, noun: string): string {
  return `${counted(number, noun)} ${number === 1 ? 'is' : 'are'}`;
}

function counted(number: number, noun: string): string {
  return `${count(number)} ${number === 1 ? noun : `${noun}s`}`;
}

/** At most two digits after the point, downwards, so that what is free never reads as enough when it is not. */
function count(number: number): string {
  return String(Math.floor(number * 100 + 1e-6) / 100);
}

/** Those of the reason that most of them have; of equals, the one that is nearest to a fit. */
function mostCommon(rejections: readonly Rejection[]): readonly Rejection[] {
  const groups = new Map<string, Rejection[]>();
  for (const rejection of rejections) {
    const reason = `${rejection.filter} ${rejection.what}`;
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [rejection]);
    else group.push(rejection);
  }
  return [...groups.values()].reduce<readonly Rejection[]>((best, group) => {
    const isBetter = group.length > best.length || (group.length === best.length && depthOf(group) > depthOf(best));
    return isBetter ? group : best;
  }, []);
}

function depthOf([first]: readonly Rejection[]): number {
  return first?.depth ?? -1;
}
