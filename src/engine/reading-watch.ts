/** Tells the task service what each worker's machine does, by that worker's own readings. */
import type { WorkerId } from '../core/fleet/worker.ts';
import type { Disposable } from '../core/time.ts';
import type { Monitor } from './monitor.ts';
import type { TaskDoor } from './tasks/contract.ts';

export function watchReadings(monitor: Pick<Monitor, 'onBatch' | 'reading'>, door: Pick<TaskDoor, 'read'>): Disposable {
  return monitor.onBatch((workerId: WorkerId, { ticks = [] }) => {
    const reading = ticks.length === 0 ? null : monitor.reading(workerId);
    if (reading !== null) door.read(workerId, reading);
  });
}
