/** The sub-scores there are, in the order in which they are told. A new one is a file in `scorers/`, a line here, and its weights. */
import { affinity } from './scorers/affinity.ts';
import { cost } from './scorers/cost.ts';
import { fit } from './scorers/fit.ts';
import { headroom } from './scorers/headroom.ts';
import { power } from './scorers/power.ts';
import { reliability } from './scorers/reliability.ts';
import { speed } from './scorers/speed.ts';

export const SCORERS = [headroom, fit, speed, reliability, affinity, cost, power] as const;
