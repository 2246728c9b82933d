/** Which worker stands open beside the grid: the chosen one, or the only one where there is room for it. */
import { useCallback, useSyncExternalStore } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { useStore } from '../state/store.ts';
import { changeUi, ui } from '../state/ui.ts';
import { useEscape } from '../ui/escape.ts';

const ROOM = window.matchMedia('(min-width: 900px)');

interface OpenWorker {
  readonly openWorkerId: WorkerId | null;
  readonly open: (workerId: WorkerId) => void;
  readonly close: () => void;
}

export function useOpenWorker(order: readonly WorkerId[]): OpenWorker {
  const chosen = useStore(ui, (state) => state.openWorkerId);
  const hasRoom = useSyncExternalStore(subscribeToRoom, () => ROOM.matches);
  const only = order.length === 1 ? (order[0] ?? null) : null;
  const openWorkerId =
    chosen !== undefined && chosen !== null && order.includes(chosen)
      ? chosen
      : chosen === undefined && hasRoom
        ? only
        : null;
  const open = useCallback((workerId: WorkerId) => {
    changeUi({ openWorkerId: ui.get().openWorkerId === workerId ? null : workerId });
  }, []);
  const close = useCallback(() => changeUi({ openWorkerId: null }), []);
  useEscape(openWorkerId !== null, close);
  return { openWorkerId, open, close };
}

function subscribeToRoom(listener: () => void): () => void {
  ROOM.addEventListener('change', listener);
  return () => ROOM.removeEventListener('change', listener);
}
