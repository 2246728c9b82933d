/** The sub-scores of a placement and the profiles that weigh them. */

/** Each in 0..1, more is better: what each says is in the file of its name beside this one and in `docs/scheduling.md`. */
export const SCORE_NAMES = ['headroom', 'fit', 'speed', 'reliability', 'affinity', 'cost', 'power'] as const;
export type ScoreName = (typeof SCORE_NAMES)[number];

/** At least 0 each; only their proportions count. */
export type Weights = Readonly<Record<ScoreName, number>>;

export const PROFILE_NAMES = ['balanced', 'fastest', 'cheapest', 'greenest', 'packed'] as const;
export type ProfileName = (typeof PROFILE_NAMES)[number];
