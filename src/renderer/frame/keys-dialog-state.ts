/** Whether the list of keys is open. */
import { createStore } from '../state/store.ts';

export const isKeysDialogOpen = createStore(false);

export function toggleKeysDialog(): void {
  isKeysDialogOpen.set(!isKeysDialogOpen.get());
}
