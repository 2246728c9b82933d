/** What finished attempts taught before the start, learnt again from the store: page by page, so that nothing waits long. */
import type { FleetCandidate } from '../../core/scheduling/place.ts';
import { createPredictor, type Predictor } from '../../core/scheduling/predict.ts';
import { workerClassOf } from '../../core/scheduling/predict-keys.ts';
import { learnAgain } from '../../core/tasks/past-attempt.ts';
import type { Log, TaskStore } from '../ports.ts';

/** Tasks looked at, the newest: about a second of work. */
const MOST_TASKS = 10_000;
/** Takes some milliseconds; other things come between two. */
const PAGE_SIZE = 50;

/** What cannot be read is not known, and tasks go on without it. */
export async function learnFromStore(
  store: Pick<TaskStore, 'pastAttempts'>,
  lastSequence: number,
  candidates: readonly FleetCandidate[],
  log: Log,
): Promise<Predictor> {
  const predictor = createPredictor();
  const classes = new Map(candidates.map((candidate) => [candidate.workerId, workerClassOf(candidate)]));
  let after: number | null = Math.max(0, lastSequence - MOST_TASKS);
  while (after !== null) {
    const page = await store.pastAttempts(after, PAGE_SIZE);
    if (!page.ok) {
      log.warn('What earlier tasks took cannot be read.', { reason: page.error.message });
      break;
    }
    learnAgain(predictor, page.value.attempts, (workerId) => classes.get(workerId) ?? null);
    after = page.value.nextAfter;
  }
  return predictor;
}
