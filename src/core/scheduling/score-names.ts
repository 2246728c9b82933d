/** The names of the sub-scores of a placement. */
import { SCORERS } from './scorers.ts';

/** Each sub-score is in 0..1, more is better: what each says is in the file of its name in `scorers/`. */
export type ScoreName = (typeof SCORERS)[number]['name'];
export const SCORE_NAMES: readonly ScoreName[] = SCORERS.map(({ name }) => name);
