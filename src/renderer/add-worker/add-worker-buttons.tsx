/** The two ways to the dialog that are always in sight: a card beside an only worker, a button above several. */
import { Plus } from 'lucide-react';
import type { Density } from '../state/ui.ts';
import { openAddWorker } from './add-worker-state.ts';

export function AddWorkerCard({ density }: { readonly density: Density }) {
  return (
    <li className={`add-slot ${density}`}>
      <button type="button" className="add-card" data-add-worker aria-haspopup="dialog" onClick={openAddWorker}>
        <Plus className="add-card-icon" size={density === 'compact' ? 12 : 18} aria-hidden="true" />
        <span className="add-card-title">Add a worker</span>
        {density === 'compact' ? null : (
          <span className="add-card-note">Paste one command on another machine, and its tile appears here.</span>
        )}
      </button>
    </li>
  );
}

export function AddWorkerButton() {
  return (
    <button
      type="button"
      className="button add-button"
      data-add-worker
      aria-haspopup="dialog"
      title="Add a worker"
      onClick={openAddWorker}
    >
      <Plus size={14} aria-hidden="true" />
      <span className="add-button-word">Add a worker</span>
    </button>
  );
}
