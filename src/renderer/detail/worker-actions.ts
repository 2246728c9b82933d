/** What a person does to the open worker: which name is being written, which removal is being asked about. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { createStore } from '../state/store.ts';
import { changeUi, ui } from '../state/ui.ts';

export const renamedWorkerId = createStore<WorkerId | null>(null);
export const removedWorkerId = createStore<WorkerId | null>(null);

export function startRename(workerId: WorkerId): void {
  show(workerId);
  renamedWorkerId.set(workerId);
}

export function askToRemove(workerId: WorkerId): void {
  show(workerId);
  removedWorkerId.set(workerId);
}

/** Both happen on the worker's page. */
function show(workerId: WorkerId): void {
  const { view, openWorkerId } = ui.get();
  if (view !== 'fleet' || openWorkerId !== workerId) changeUi({ view: 'fleet', openWorkerId: workerId });
}
