/** The list of keys, on `?`. */
import { Modal } from '../ui/modal.tsx';
import { ModalHead } from '../ui/modal-head.tsx';
import { KEY_HELP } from './keys.ts';
import { toggleKeysDialog } from './keys-dialog-state.ts';

export function KeysDialog() {
  return (
    <Modal label="Keys" className="keys-dialog" onClose={toggleKeysDialog}>
      <ModalHead title="Keys" onClose={toggleKeysDialog} />
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
