/** One task beside the table: where it stands and why, what it asked for, its attempts with what they used and wrote. */
import { Maximize2, Minimize2 } from 'lucide-react';
import { joinWords } from '../../core/tasks/shell-words.ts';
import type { TaskId } from '../../core/tasks/task.ts';
import type { TaskDetail, TaskView } from '../../core/tasks/view.ts';
import { useStore } from '../state/store.ts';
import { changeTaskFilter } from '../state/task-place.ts';
import { changeUi, ui } from '../state/ui.ts';
import { CommandLine } from '../ui/command-line.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { AttemptSection } from './attempt-section.tsx';
import { TaskActions } from './task-actions.tsx';
import { useTaskDetail } from './task-detail.ts';
import { TaskFacts } from './task-facts.tsx';
import { TaskTitle, UnreadTask } from './task-heading.tsx';
import { TaskReason } from './task-reason.tsx';
import { reasonSentences } from './task-words.ts';
import '../detail/detail.css';
import '../detail/sections.css';
import './task-page.css';

interface Props {
  readonly taskId: TaskId;
  readonly onClose: () => void;
}

export function TaskPage({ taskId, onClose }: Props) {
  const detail = useTaskDetail(taskId);
  if (detail.state.status === 'ready') return <Page detail={detail.state.detail} onClose={onClose} />;
  return (
    <aside className="detail task-page" aria-label="Task">
      <UnreadTask taskId={taskId} detail={detail} onClose={onClose} />
    </aside>
  );
}

function Page({ detail, onClose }: { readonly detail: TaskDetail; readonly onClose: () => void }) {
  const { view, task, attempts } = detail;
  const { spec } = task;
  const command = spec.isShell ? (spec.command[0] ?? '') : joinWords(spec.command);
  const name = unturned(view.name);
  const newestFirst = [...attempts].reverse();
  const reason = reasonSentences(detail);
  return (
    <aside className="detail task-page" aria-label={`Task ${name}`}>
      <header className="detail-header">
        <TaskTitle view={view} onClose={onClose}>
          <WidthButton />
        </TaskTitle>
        <Origin view={view} />
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="detail-scroll" tabIndex={0} aria-label="Command, needs and attempts">
        <div className="task-body">
          <TaskReason view={view} sentences={reason} />
          <TaskActions detail={detail} />
          <section className="task-command" aria-label="Command">
            <header className="section-head">
              <h2>Command{spec.isShell ? ', for the shell' : ''}</h2>
            </header>
            <CommandLine command={command} label="Copy the command" />
          </section>
          {newestFirst.length === 0 ? null : (
            <div className="task-attempts">
              {newestFirst.map((attempt, index) => (
                <AttemptSection
                  key={attempt.attemptId}
                  attempt={attempt}
                  liveOutputBytes={index === 0 ? view.outputBytes : null}
                  isNewest={index === 0}
                  told={reason}
                />
              ))}
            </div>
          )}
          <TaskFacts task={task} outlook={view.outlook} />
        </div>
      </section>
    </aside>
  );
}

function WidthButton() {
  const isWide = useStore(ui, ({ isTaskWide }) => isTaskWide);
  const words = isWide ? 'Show beside the table' : 'Give the task the room';
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={words}
      title={words}
      onClick={() => changeUi({ isTaskWide: !isWide })}
    >
      {isWide ? <Minimize2 size={14} aria-hidden="true" /> : <Maximize2 size={14} aria-hidden="true" />}
    </button>
  );
}

function Origin({ view }: { readonly view: TaskView }) {
  const { runId, runName, attemptCount, priority, submittedAtMs } = view;
  return (
    <p className="detail-make task-origin">
      run{' '}
      <button
        type="button"
        className="link"
        title={`Show the tasks of ${runName}`}
        onClick={() => changeTaskFilter({ runId })}
      >
        {unturned(runName)}
      </button>
      {attemptCount > 1 ? ` · attempt ${attemptCount}` : ''} · priority {priority} ·{' '}
      <span title={momentWithZone(submittedAtMs)}>submitted {momentWords(submittedAtMs, Date.now())}</span>
    </p>
  );
}
