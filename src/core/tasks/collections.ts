/** Of which attempts the workers still hold what is to be fetched. Kept in memory: each new link tells it anew. */
import type { WorkerId } from '../fleet/worker.ts';
import type { BookRecords } from './book-records.ts';
import type { Attempt, AttemptId } from './task.ts';

export interface Collections {
  /** Once for each attempt on each link of its worker. */
  ask(book: BookRecords, attempt: Attempt): void;
  /** Everything of it is here, and the worker was told to forget it. */
  done(attempt: Attempt): void;
  isPending(attempt: Attempt): boolean;
  /** Whatever was under way with this worker came to nothing. */
  drop(workerId: WorkerId): void;
  forget(attempts: readonly Attempt[]): void;
}

export function createCollections(): Collections {
  const byWorker = new Map<WorkerId, Map<AttemptId, 'pending' | 'done'>>();

  return {
    ask(book, { workerId, attemptId }) {
      const asked = byWorker.get(workerId) ?? new Map();
      byWorker.set(workerId, asked);
      if (asked.has(attemptId)) return;
      asked.set(attemptId, 'pending');
      book.effect({ kind: 'collect', workerId, attemptId });
    },
    done({ workerId, attemptId }) {
      const asked = byWorker.get(workerId);
      if (asked?.has(attemptId)) asked.set(attemptId, 'done');
    },
    isPending: ({ workerId, attemptId }) => byWorker.get(workerId)?.get(attemptId) === 'pending',
    drop(workerId) {
      byWorker.delete(workerId);
    },
    forget(attempts) {
      for (const { workerId, attemptId } of attempts) byWorker.get(workerId)?.delete(attemptId);
    },
  };
}
