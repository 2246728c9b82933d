/** What an explanation of a placement says in words. Pure. */
import { formatCount } from '../../core/metrics/format.ts';
import type { PlacementExplanation, ScoredWorker } from '../../core/scheduling/explanation.ts';
import { FILTER_WORDS } from '../../core/scheduling/filter-words.ts';
import type { FilterName } from '../../core/scheduling/filters.ts';
import type { ScoreName } from '../../core/scheduling/score-names.ts';

/** Words of many, as of one. */
const OF_ONE: readonly (readonly [RegExp, string])[] = [
  [/^have /, 'has '],
  [/^were /, 'was '],
  [/^do /, 'does '],
  [/^run /, 'runs '],
  [/^lack /, 'lacks '],
  [/^ran as many tasks as they may/, 'ran as many tasks as it may'],
  [/what hardware they have/, 'what hardware it has'],
  [/their limit/, 'its limit'],
];

/** After a count of workers: `3 workers have too few GPUs`. A filter that another Labwatch knows is called as it calls it. */
export function filterWords(filter: string, count: number): string {
  if (!Object.hasOwn(FILTER_WORDS, filter)) return filter.replaceAll('-', ' ');
  const words = FILTER_WORDS[filter as FilterName];
  return count === 1 ? OF_ONE.reduce((text, [many, one]) => text.replace(many, one), words) : words;
}

/** A score, two digits: `0.83`. */
export function scoreWords(score: number): string {
  return score.toFixed(2);
}

/** `2 more could have taken it`; null where all of them are listed. */
export function unlistedWords({ fittingCount, others }: PlacementExplanation): string | null {
  const unlisted = fittingCount - 1 - others.length;
  return unlisted <= 0 ? null : `${formatCount(unlisted)} more could have taken it`;
}

/** Where another worker fell behind most, by what each sub-score weighs: `less headroom`; null where nowhere. */
export function behindWords(explanation: PlacementExplanation, other: ScoredWorker): string | null {
  let most: ScoreName | null = null;
  let mostLost = 0.005;
  for (const name of explanation.counted) {
    const lost =
      explanation.weights[name] * (counted(explanation, explanation.chosen, name) - counted(explanation, other, name));
    if (lost <= mostLost) continue;
    most = name;
    mostLost = lost;
  }
  return most === null ? null : BEHIND[most];
}

const BEHIND: Readonly<Record<ScoreName, string>> = {
  headroom: 'less headroom',
  fit: 'fits less well',
  speed: 'slower',
  reliability: 'less reliable',
  affinity: 'not warm',
  cost: 'dearer',
  power: 'more power',
};

function counted({ assumed }: PlacementExplanation, worker: ScoredWorker, name: ScoreName): number {
  return worker.scores[name] ?? assumed[name] ?? 0;
}
