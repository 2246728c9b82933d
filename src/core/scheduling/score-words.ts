/** What each sub-score says of a worker, one sentence for people. */
import type { ScoreName } from './score-names.ts';

export const SCORE_WORDS: Readonly<Record<ScoreName, string>> = {
  headroom: 'Much of the worker stays free with the task.',
  fit: 'No GPU is left that nobody can use, and full workers fill up before empty ones.',
  speed: 'The task is expected to end soon there.',
  reliability: 'Tasks of its kind have succeeded there.',
  affinity: 'What it works on (its affinity key) was used there lately.',
  cost: 'It is expected to cost little there.',
  power: 'It is expected to take little energy there.',
};
