/** What kept workers from a task, in a few words, for people: `3 too few cores free`. */
import type { FilterName } from './filters.ts';

export const FILTER_WORDS: Readonly<Record<FilterName, string>> = {
  'runs-tasks': 'run no tasks',
  programs: 'do not allow its program',
  capabilities: 'lack a capability',
  labels: 'lack a label',
  'gpu-model': 'have no such GPU',
  cores: 'have too few cores',
  memory: 'have too little memory',
  gpus: 'have too few GPUs',
  'gpu-memory': 'have too little GPU memory',
  reachable: 'were out of reach',
  admission: 'were paused or draining',
  trouble: 'gave tasks back shortly before',
  critical: 'were at their limit',
  fresh: 'had no fresh figures',
  known: 'had not told what hardware they have',
  'free-places': 'ran as many tasks as they may',
  'free-cores': 'had too few cores free',
  'free-memory': 'had too little memory free',
  'free-gpus': 'had too few GPUs free',
  'earlier-attempt': 'were left out, as an earlier attempt ended badly there',
  kept: 'were kept for tasks that stand before it',
};
