/** What a person can do to a task, as it stands. */
import { CircleStop, CopyPlus, Play, RotateCcw } from 'lucide-react';
import { useState } from 'react';
import type { Result } from '../../core/result.ts';
import { isTaskOver } from '../../core/tasks/task.ts';
import type { TaskDetail } from '../../core/tasks/view.ts';
import { call } from '../api.ts';
import { draftOf } from '../new-task/draft.ts';
import { openNewTask } from '../new-task/new-task-state.ts';
import { CancelTaskDialog } from './cancel-dialogs.tsx';

export function TaskActions({ detail }: { readonly detail: TaskDetail }) {
  const { view, task, attempts } = detail;
  const [isAsking, setIsAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const act = (answer: Promise<Result<null>>) => {
    void answer.then((result) => setFailure(result.ok ? null : result.error.message));
  };
  const hasBegun = view.state === 'placed' || view.state === 'running';
  const isEnding = hasBegun && attempts.at(-1)?.isCancelRequested === true;
  return (
    <div className="task-actions">
      {isTaskOver(view.state) ? (
        <button type="button" className="button small" onClick={() => act(call('task:retry', view.taskId))}>
          <RotateCcw size={12} aria-hidden="true" /> Run again
        </button>
      ) : null}
      {view.state === 'parked' ? (
        <button type="button" className="button small primary" onClick={() => act(call('task:unpark', view.taskId))}>
          <Play size={12} aria-hidden="true" /> Let it go on
        </button>
      ) : null}
      {isTaskOver(view.state) ? null : (
        <button
          type="button"
          className="button small"
          disabled={isEnding}
          aria-haspopup={hasBegun ? 'dialog' : undefined}
          onClick={() => (hasBegun ? setIsAsking(true) : act(call('task:cancel', view.taskId)))}
        >
          <CircleStop size={12} aria-hidden="true" /> {isEnding ? 'Being cancelled' : hasBegun ? 'Cancel …' : 'Cancel'}
        </button>
      )}
      <button
        type="button"
        className="button small"
        aria-haspopup="dialog"
        title={
          task.spec.bring.length === 0
            ? 'A new task, filled in as this one'
            : 'A new task, filled in as this one, without the files that its plan brings'
        }
        onClick={() => openNewTask({ draft: draftOf(task.spec) })}
      >
        <CopyPlus size={12} aria-hidden="true" /> Clone …
      </button>
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}
        </p>
      )}
      {isAsking && hasBegun ? <CancelTaskDialog task={view} onClose={() => setIsAsking(false)} /> : null}
    </div>
  );
}
