/** Tells of each attempt once when it is over and on disk: what there is to learn from it. */
import type { TaskBook } from '../../core/tasks/book.ts';
import type { EndedAttempt } from '../../core/tasks/ended-attempt.ts';
import { type AttemptId, isAttemptOver } from '../../core/tasks/task.ts';
import { taskOf } from './attempt-order.ts';

export interface Learning {
  /** The attempt is on disk as the book has it. */
  moved(attemptId: AttemptId): void;
}

/** `open`: attempts that are not over at the start. */
export function createLearning(
  book: Pick<TaskBook, 'attempt' | 'task'>,
  open: readonly AttemptId[],
  learn: (ended: EndedAttempt) => void,
): Learning {
  /** Its records change after its end, too (files that were not fetched), and are read back when somebody looks. */
  const underWay = new Set(open);

  return {
    moved(attemptId) {
      const attempt = book.attempt(attemptId);
      const task = book.task(taskOf(attemptId));
      if (attempt === undefined || task === undefined) return;
      if (!isAttemptOver(attempt.state)) underWay.add(attemptId);
      else if (underWay.delete(attemptId)) learn({ ...attempt, spec: task.spec });
    },
  };
}
