/** The head of whatever shows one task: its name and state, or that it is still read. */
import { X } from 'lucide-react';
import { type ReactNode, useCallback } from 'react';
import { formatDuration } from '../../core/metrics/format.ts';
import { isTaskOver, type TaskId } from '../../core/tasks/task.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { unturned } from '../ui/unturned.ts';
import { ErrorState, LoadingState } from '../ui/view-state.tsx';
import { BeatWords } from './beat-words.tsx';
import type { useTaskDetail } from './task-detail.ts';
import { durationMs, taskMark } from './task-words.ts';

interface TitleProps {
  readonly view: TaskView;
  readonly onClose: () => void;
  /** Further buttons, before the one that closes. */
  readonly children?: ReactNode;
}

export function TaskTitle({ view, onClose, children }: TitleProps) {
  const name = unturned(view.name);
  return (
    <div className="detail-title">
      <StateMark mark={taskMark(view.state)} />
      <h2 className="task-title" title={name}>
        {name}
      </h2>
      <Headline view={view} />
      {children}
      <CloseButton onClose={onClose} />
    </div>
  );
}

interface UnreadProps {
  readonly taskId: TaskId;
  readonly detail: ReturnType<typeof useTaskDetail>;
  readonly onClose: () => void;
}

/** In place of what shows the task, until it was read. */
export function UnreadTask({ taskId, detail: { state, reload }, onClose }: UnreadProps) {
  return (
    <>
      <header className="detail-header">
        <div className="detail-title">
          <h2 className="muted mono">{taskId}</h2>
          <span className="detail-state" />
          <CloseButton onClose={onClose} />
        </div>
      </header>
      {state.status === 'error' ? (
        <ErrorState what="This task" failure={state.failure} onRetry={reload} />
      ) : (
        <LoadingState what="the task" />
      )}
    </>
  );
}

function CloseButton({ onClose }: { readonly onClose: () => void }) {
  return (
    <button type="button" className="icon-button" aria-label="Close" title="Close (Esc)" onClick={onClose}>
      <X size={16} aria-hidden="true" />
    </button>
  );
}

/** `running 6 min 41 s`; of what is over, how long it took. */
function Headline({ view }: { readonly view: TaskView }) {
  const words = useCallback(
    (nowMs: number) => {
      const took = durationMs(view, nowMs);
      const after = isTaskOver(view.state) ? 'after ' : '';
      return took === null ? view.state : `${view.state} ${after}${formatDuration(took)}`;
    },
    [view],
  );
  return <BeatWords className={`detail-state words-${taskMark(view.state)}`} words={words} />;
}
