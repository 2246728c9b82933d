/** Tells of each attempt once when it is over: what there is to learn from it. */
import type { TaskBook } from '../../core/tasks/book.ts';
import type { EndedAttempt } from '../../core/tasks/ended-attempt.ts';
import { type Attempt, type AttemptId, isAttemptOver } from '../../core/tasks/task.ts';

export interface Learning {
  /** The book has the attempt like this now. */
  changed(attempt: Attempt): void;
}

/** `open`: attempts that are not over at the start. */
export function createLearning(
  book: Pick<TaskBook, 'task'>,
  open: readonly AttemptId[],
  learn: (ended: EndedAttempt) => void,
): Learning {
  /** Its records change after its end, too (files that were not fetched), and are read back when somebody looks. */
  const underWay = new Set(open);

  return {
    changed(attempt) {
      const task = book.task(attempt.taskId);
      if (!isAttemptOver(attempt.state)) underWay.add(attempt.attemptId);
      else if (underWay.delete(attempt.attemptId) && task !== undefined) learn({ ...attempt, spec: task.spec });
    },
  };
}
