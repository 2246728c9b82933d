/** What `labwatch task explain` prints of one attempt: who could have taken it, with every sub-score, and who could not. */
import { printable } from '../app/terminal-text.ts';
import { formatCount, formatDuration, formatPercent } from '../core/metrics/format.ts';
import type { PlacementExplanation, ScoredWorker } from '../core/scheduling/explanation.ts';
import { FILTER_WORDS } from '../core/scheduling/filter-words.ts';
import { SCORE_NAMES, type ScoreName } from '../core/scheduling/score-names.ts';
import type { Attempt } from '../core/tasks/task.ts';
import { listed } from '../core/tasks/words.ts';
import { tableLines } from './table.ts';
import { momentWords } from './task-words.ts';

export function explainLines({ number, placement, explanation, placedAtMs }: Attempt): readonly string[] {
  const head = [`Attempt ${number}, placed ${momentWords(placedAtMs)}`, placement];
  if (explanation === null) return [...head, 'Nothing more was kept of it.'].map(printable);
  return [...head.map(printable), '', ...scoreLines(explanation), '', ...restLines(explanation).map(printable)];
}

/** Workers as rows, best first; the weights are a row of their own. */
function scoreLines(explanation: PlacementExplanation): readonly string[] {
  const { chosen, others, weights, profile } = explanation;
  // One that a later Labwatch no longer has is told all the same.
  const names = [...new Set([...SCORE_NAMES, ...(Object.keys(chosen.scores) as ScoreName[])])];
  const row = ({ name, total, scores }: ScoredWorker) => [
    name,
    formatPercent(total, 1),
    ...names.map((score) => formatPercent(scores[score] ?? null)),
  ];
  const rows = [
    ['worker', 'score', ...names],
    [`weight (${profile})`, '', ...names.map((score) => String(weights[score] ?? 0))],
    ...[chosen, ...others].map(row),
  ];
  return tableLines(rows.map((cells) => cells.map(printable)));
}

function restLines(explanation: PlacementExplanation): readonly string[] {
  const { others, assumed, counted, fittingCount, rejected, isLastResort, expectedDurationMs } = explanation;
  const more = fittingCount - 1 - others.length;
  const unknown = (Object.entries(assumed) as [ScoreName, number][]).map(
    ([name, mean]) => `${name} counts as ${formatPercent(mean)}`,
  );
  const uncounted = SCORE_NAMES.filter((name) => !counted.includes(name));
  return [
    more > 0 ? `${formatCount(more)} more could have taken it.` : null,
    unknown.length > 0 ? `Where it is not known, ${listed(unknown)}: the mean of the others.` : null,
    uncounted.length > 0 ? `Not counted, as nothing is known of it or it weighs nothing: ${listed(uncounted)}.` : null,
    expectedDurationMs === null ? null : `It was expected to take ${formatDuration(expectedDurationMs)} there.`,
    isLastResort ? 'An earlier attempt ended badly there, and no other worker could take it.' : null,
    ...rejected.map(
      ({ filter, count }) =>
        `${formatCount(count)} ${count === 1 ? 'worker' : 'workers'}: ${FILTER_WORDS[filter] ?? filter}.`,
    ),
  ].filter((line) => line !== null);
}
