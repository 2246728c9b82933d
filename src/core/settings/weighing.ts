/** How placement weighs workers, from the settings. */
import { type Weighing, type Weights, weightsOf } from '../scheduling/profiles.ts';
import { SCORE_NAMES } from '../scheduling/score-names.ts';
import type { Settings } from './settings.ts';

export function weighingOf(settings: Settings): Weighing {
  const profile = settings['scheduling.profile'];
  if (profile !== 'custom') return { profile, weights: weightsOf(profile) };
  const weights = SCORE_NAMES.map((name) => [name, settings[`scheduling.weight.${name}`]]);
  return { profile, weights: Object.fromEntries(weights) as Weights };
}
