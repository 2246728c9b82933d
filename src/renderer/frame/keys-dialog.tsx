/** The list of keys, on `?`. */
import { X } from 'lucide-react';
import { Modal } from '../ui/modal.tsx';
import { KEY_HELP } from './keys.ts';
import { toggleKeysDialog } from './keys-dialog-state.ts';

export function KeysDialog() {
  return (
    <Modal label="Keys" className="keys-dialog" onClose={toggleKeysDialog}>
      <div className="modal-head">
        <h2>Keys</h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={toggleKeysDialog}>
          <X size={16} aria-hidden="true" />
        </button>
      </div>
      <dl>
        {KEY_HELP.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
