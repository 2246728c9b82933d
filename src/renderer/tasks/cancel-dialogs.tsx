/** Asks before work that has begun is ended, and says what that does. */
import { useEffect, useRef, useState } from 'react';
import type { Result } from '../../core/result.ts';
import type { RunView, TaskView } from '../../core/tasks/view.ts';
import { call } from '../api.ts';
import { Modal } from '../ui/modal.tsx';
import { ModalHead } from '../ui/modal-head.tsx';
import { unturned } from '../ui/unturned.ts';
import { progressOf } from './runs.ts';
import '../ui/dialog.css';

export function CancelTaskDialog({ task, onClose }: { readonly task: TaskView; readonly onClose: () => void }) {
  return (
    <CancelDialog
      title={`Cancel ${unturned(task.name)}?`}
      keep="Keep it running"
      act="Cancel task"
      cancel={() => call('task:cancel', task.taskId)}
      onClose={onClose}
    >
      Its processes are asked to end, and ended a little later if they do not. What it wrote and used so far stays here.
      Tasks that come after it do not run.
    </CancelDialog>
  );
}

export function CancelRunDialog({ run, onClose }: { readonly run: RunView; readonly onClose: () => void }) {
  const { running, waiting } = progressOf(run.counts);
  return (
    <CancelDialog
      title={`Cancel ${unturned(run.name)}?`}
      keep="Keep it going"
      act="Cancel run"
      cancel={() => call('run:cancel', run.runId)}
      onClose={onClose}
    >
      {running === 0
        ? 'Nothing of it runs now'
        : running === 1
          ? '1 task that runs is ended'
          : `${running} tasks that run are ended`}
      {waiting === 0 ? '.' : `; ${waiting === 1 ? '1 that waits does' : `${waiting} that wait do`} not begin.`} What is
      done stays as it is.
    </CancelDialog>
  );
}

interface Props {
  readonly title: string;
  readonly keep: string;
  readonly act: string;
  readonly cancel: () => Promise<Result<null>>;
  readonly onClose: () => void;
  readonly children: React.ReactNode;
}

function CancelDialog({ title, keep, act, cancel, onClose, children }: Props) {
  const [failure, setFailure] = useState<string | null>(null);
  const [isUnderWay, setIsUnderWay] = useState(false);
  const keepButton = useRef<HTMLButtonElement>(null);
  useEffect(() => keepButton.current?.focus(), []);
  const confirm = async () => {
    setIsUnderWay(true);
    const answer = await cancel();
    setIsUnderWay(false);
    if (answer.ok) onClose();
    else setFailure(answer.error.message);
  };
  return (
    <Modal label={title} className="cancel-dialog" onClose={onClose}>
      <ModalHead title={title} onClose={onClose} />
      <div className="dialog-body">
        <p>{children}</p>
        {failure === null ? null : (
          <p className="dialog-failure" role="alert">
            {failure}
          </p>
        )}
        <div className="dialog-actions">
          <button ref={keepButton} type="button" className="button" onClick={onClose}>
            {keep}
          </button>
          <button type="button" className="button danger" disabled={isUnderWay} onClick={() => void confirm()}>
            {act}
          </button>
        </div>
      </div>
    </Modal>
  );
}
