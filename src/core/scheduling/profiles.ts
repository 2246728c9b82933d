/** How much each sub-score counts: one row a profile. */
import { SCORE_NAMES, type ScoreName } from './score-names.ts';

/** At least 0 each; only their proportions count. */
export type Weights = Readonly<Record<ScoreName, number>>;

/** Rows of the table below. */
export const PROFILE_NAMES = ['balanced', 'fastest', 'cheapest', 'greenest', 'packed'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];

/** What a row leaves out counts nothing. No profile forgets reliability: a worker on which all fails is never fast or cheap. */
const PROFILES: Readonly<Record<ProfileName, Partial<Weights>>> = {
  balanced: { headroom: 3, fit: 2, speed: 3, reliability: 3, affinity: 2, cost: 1, power: 1 },
  fastest: { headroom: 2, fit: 1, speed: 8, reliability: 3, affinity: 3 },
  cheapest: { headroom: 1, fit: 2, speed: 1, reliability: 2, affinity: 1, cost: 8 },
  greenest: { headroom: 1, fit: 2, speed: 1, reliability: 2, affinity: 1, power: 8 },
  packed: { fit: 10, reliability: 1 },
};

/** `custom`: weights that a person set one by one. */
export type ProfileChoice = ProfileName | 'custom';

/** How workers are weighed, and what that is called. */
export interface Weighing {
  readonly profile: ProfileChoice;
  readonly weights: Weights;
}

export function weightsOf(profile: ProfileName): Weights {
  const row = PROFILES[profile];
  return Object.fromEntries(SCORE_NAMES.map((name) => [name, row[name] ?? 0])) as Weights;
}
