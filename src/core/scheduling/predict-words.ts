/** What a prediction says and rests on, in words. */
import { formatDuration } from '../metrics/format.ts';
import type { Prediction } from './predict.ts';
import type { PredictionBasis } from './predict-keys.ts';

const BASIS_WORDS: Readonly<Record<PredictionBasis, string>> = {
  'command-here': 'this command on this kind of worker',
  command: 'this command',
  'shape-here': 'this command with other values on this kind of worker',
  shape: 'this command with other values',
  'shape-any-size': 'this command with more or less to run on',
  type: 'tasks of this type',
  everything: 'any task',
};

/** Of a duration: `p50 42 s (38 s to 60 s) from 17 runs of this command on this kind of worker`. */
export function predictionWords({ p5, p50, p95, basis, samples }: Prediction): string {
  const runs = samples === 1 ? '1 run' : `${samples} runs`;
  const [least, most] = [formatDuration(p5), formatDuration(p95)];
  return `p50 ${formatDuration(p50)}${least === most ? '' : ` (${least} to ${most})`} from ${runs} of ${BASIS_WORDS[basis]}`;
}
