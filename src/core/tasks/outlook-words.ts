/** What is expected of a task, in words for the command line and the window. */
import { formatCount, formatDuration } from '../metrics/format.ts';
import { predictionWords } from '../scheduling/predict-words.ts';
import type { TaskOutlook } from './view.ts';

/** Less than this cannot be told from now. */
const SOON_MS = 1_500;

/** `Place 3 of those that wait, begins in about 12 min on rig-03. p50 42 s from 17 runs of …` */
export function outlookSentence(outlook: TaskOutlook, nowMs: number): string {
  const { duration, keptOn } = outlook;
  const soon = expectedWords(outlook, nowMs);
  const where = keptOn === null ? '' : ` on ${keptOn}, where room is kept for it`;
  const basis =
    duration === null
      ? 'How long it takes is not known: nothing like it has run yet.'
      : `${predictionWords(duration)}.`;
  return soon === null ? basis : `${soon.charAt(0).toUpperCase()}${soon.slice(1)}${where}. ${basis}`;
}

/** `place 3, begins in about 12 min`, or `ends in about 40 s`; null where nothing can be said. */
export function expectedWords({ place, startsAtMs, endsAtMs }: TaskOutlook, nowMs: number): string | null {
  if (place === null) return endsAtMs === null ? null : `ends ${whenWords(endsAtMs - nowMs)}`;
  const begins = startsAtMs === null ? '' : `, begins ${whenWords(startsAtMs - nowMs)}`;
  return `place ${formatCount(place)} in the queue${begins}`;
}

function whenWords(durationMs: number): string {
  return durationMs < SOON_MS ? 'any moment' : `in about ${formatDuration(durationMs)}`;
}
