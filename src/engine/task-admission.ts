/** Whether workers take new tasks: kept, shown, told in their history, and when a draining one is empty. */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { WorkerEvent } from '../core/metrics/sample.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Admission } from '../core/scheduling/place.ts';
import type { Clock } from '../core/time.ts';
import type { Monitor } from './monitor.ts';
import type { EnrolledWorker, Store } from './ports.ts';

export interface TaskAdmissionOptions {
  readonly store: Pick<Store, 'saveAdmission'>;
  readonly monitor: Pick<Monitor, 'setAdmission' | 'ingest' | 'worker'>;
  readonly clock: Clock;
  readonly workers: readonly EnrolledWorker[];
  /** Whether anything on this worker is not over. */
  readonly hasWork: (workerId: WorkerId) => boolean;
}

export interface TaskAdmission {
  /** Asking for what holds already changes nothing. */
  set(workerId: WorkerId, admission: Admission): Promise<Result<null>>;
  /** Now and then: says of each draining worker once that nothing runs there any more. */
  look(): void;
}

export function createTaskAdmission({ store, monitor, clock, workers, hasWork }: TaskAdmissionOptions): TaskAdmission {
  /** Workers whose end of work is still to be told. */
  const draining = new Set(
    workers
      .filter(({ workerId, admission }) => admission === 'draining' && hasWork(workerId))
      .map(({ workerId }) => workerId),
  );

  function record(workerId: WorkerId, kind: WorkerEvent['kind'], message: string): void {
    monitor.ingest(workerId, { events: [{ atMs: Math.round(clock.nowMs()), kind, message }] });
  }

  return {
    async set(workerId, admission) {
      if (monitor.worker(workerId)?.admission === admission) return ok(null);
      const saved = await store.saveAdmission(workerId, admission);
      if (!saved.ok) return saved;
      if (monitor.worker(workerId) === undefined) return fail('not-found', 'No worker is enrolled under this id.');
      monitor.setAdmission(workerId, admission);
      record(workerId, ...WORDS[admission]);
      if (admission === 'draining') draining.add(workerId);
      else draining.delete(workerId);
      return ok(null);
    },
    look() {
      for (const workerId of draining) {
        if (hasWork(workerId)) continue;
        draining.delete(workerId);
        if (monitor.worker(workerId) === undefined) continue;
        record(workerId, 'drained', 'Drained: nothing runs there any more.');
      }
    },
  };
}

const WORDS: Readonly<Record<Admission, readonly [WorkerEvent['kind'], string]>> = {
  open: ['resumed', 'Takes new tasks again.'],
  paused: ['paused', 'Paused: takes no new tasks.'],
  draining: ['paused', 'Draining: takes no new tasks; what runs there goes on to its end.'],
};
