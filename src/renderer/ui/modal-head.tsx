/** What a dialog is about, and the button that closes it. */
import { X } from 'lucide-react';

export function ModalHead({ title, onClose }: { readonly title: string; readonly onClose: () => void }) {
  return (
    <div className="modal-head">
      <h2>{title}</h2>
      <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
        <X size={16} aria-hidden="true" />
      </button>
    </div>
  );
}
