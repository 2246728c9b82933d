/** Whether the dialog that brings in another machine is open; apart from the dialog, which is loaded when first asked for. */
import { createStore } from '../state/store.ts';

export const isAddWorkerOpen = createStore(false);

export function openAddWorker(): void {
  isAddWorkerOpen.set(true);
}

export function closeAddWorker(): void {
  isAddWorkerOpen.set(false);
}
