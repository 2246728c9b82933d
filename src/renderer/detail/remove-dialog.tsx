/** Asks before the trust in a worker ends, and says what that does. */
import { useEffect, useRef, useState } from 'react';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { changeUi } from '../state/ui.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { Modal } from '../ui/modal.tsx';
import { ModalHead } from '../ui/modal-head.tsx';
import { removedWorkerId } from './worker-actions.ts';
import '../ui/dialog.css';

/** Ends the agent that the pasted command put there, with its service and its folder. */
const LEAVE_COMMAND = 'node ~/.labwatch-agent/agent.mjs leave';

const close = () => removedWorkerId.set(null);

export function RemoveDialog({ workerId, name }: { readonly workerId: WorkerId; readonly name: string }) {
  const [failure, setFailure] = useState<string | null>(null);
  const [isRemoving, setIsRemoving] = useState(false);
  const running = useWorkerPart(workerId, ({ runningTaskCount }) => runningTaskCount) ?? 0;
  const keep = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    keep.current?.focus();
    return close;
  }, []);
  const remove = async () => {
    setIsRemoving(true);
    const answer = await call('worker:remove', workerId);
    setIsRemoving(false);
    if (!answer.ok) {
      setFailure(answer.error.message);
      return;
    }
    // Takes the page away, and this dialog with it.
    changeUi({ openWorkerId: null });
  };
  return (
    <Modal label={`Remove ${name}?`} className="remove-dialog" onClose={close} nextFocus={() => otherTile(workerId)}>
      <ModalHead title={`Remove ${name}?`} onClose={close} />
      <div className="dialog-body">
        <p>Its key is refused from now on, for ever. Its history stays as long as Settings keep it.</p>
        {running === 0 ? null : (
          <p>
            {running === 1 ? '1 task runs there; it is' : `${running} tasks run there; they are`} queued again, unless
            the plan says otherwise.
          </p>
        )}
        <div>
          <p className="dialog-note">To stop the agent there as well, run this on that machine:</p>
          <CommandLine command={LEAVE_COMMAND} label="Copy the command that stops the agent" />
        </div>
        {failure === null ? null : (
          <p className="dialog-failure" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <button ref={keep} type="button" className="button" onClick={close}>
            Keep it
          </button>
          <button type="button" className="button danger" disabled={isRemoving} onClick={() => void remove()}>
            <span className="button-name">Remove {name}</span>
          </button>
        </div>
      </div>
    </Modal>
  );
}

/** The worker's page is gone with it. */
function otherTile(workerId: WorkerId): HTMLElement | null {
  return document.querySelector(`[data-worker]:not([data-worker="${CSS.escape(workerId)}"]) > .tile`);
}
