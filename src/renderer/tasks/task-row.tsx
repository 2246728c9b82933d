/** One task in the table. Everything of it that a plan named is untrusted text. */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are drawn only where one looks cannot be a table's
import { memo, useCallback } from 'react';
import { formatBytes, formatDuration } from '../../core/metrics/format.ts';
import { attemptIdOf, type TaskId } from '../../core/tasks/task.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { SECOND_MS } from '../../core/time.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { StateMark } from '../ui/state-mark.tsx';
import { momentWithZone, momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { BeatWords } from './beat-words.tsx';
import { taskPulses } from './live-tasks.ts';
import { durationMs, outcomeWords, taskMark } from './task-words.ts';

interface Props {
  readonly task: TaskView;
  readonly id: string;
  /** Counted from 1, the line of titles is the first. */
  readonly line: number;
  readonly top: number;
  readonly isOpen: boolean;
  readonly isCurrent: boolean;
  readonly onOpen: (taskId: TaskId) => void;
}

export const TaskRow = memo(function TaskRow({ task, id, line, top, isOpen, isCurrent, onOpen }: Props) {
  const usage = useStore(taskPulses, (pulses) =>
    task.state === 'running'
      ? (pulses.get(attemptIdOf(task.taskId, task.attemptCount))?.usage ?? task.usage)
      : task.usage,
  );
  const cpuMs = usage === null || usage.cpuSeconds === null ? null : usage.cpuSeconds * SECOND_MS;
  const name = unturned(task.name);
  const runName = unturned(task.runName);
  const outcome = unturned(outcomeWords(task));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the focus and handles the keys
    // biome-ignore lint/a11y/useFocusableInteractive: as above, aria-activedescendant names the current row
    <div
      id={id}
      role="row"
      aria-rowindex={line}
      aria-selected={isOpen}
      className="task-row"
      data-current={isCurrent}
      data-state={task.state}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(task.taskId)}
    >
      <Cell name="state">
        <StateMark mark={taskMark(task.state)} size={9} /> {task.state}
      </Cell>
      <Cell name="name" title={name}>
        {name}
      </Cell>
      <Cell name="run" title={runName}>
        {runName}
      </Cell>
      <WorkerCell task={task} />
      <Cell name="outcome" title={outcome}>
        {outcome}
      </Cell>
      <Cell name="priority">{task.priority}</Cell>
      <Cell name="submitted" title={momentWithZone(task.submittedAtMs)}>
        {momentWords(task.submittedAtMs, Date.now())}
      </Cell>
      <Cell name="duration">
        <Duration task={task} />
      </Cell>
      <Cell name="cpu">{formatDuration(cpuMs)}</Cell>
      <Cell name="memory">{formatBytes(usage?.memoryPeakBytes ?? null)}</Cell>
    </div>
  );
});

interface CellProps {
  readonly name: string;
  readonly title?: string;
  readonly children: React.ReactNode;
}

function Cell({ name, title, children }: CellProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <span role="gridcell" className={`task-${name}`} title={title === '' ? undefined : title}>
      {children}
    </span>
  );
}

function WorkerCell({ task }: { readonly task: TaskView }) {
  const name = useWorkerName(task);
  return (
    <Cell name="worker" title={name}>
      {name}
    </Cell>
  );
}

/** Empty before it was placed; a worker that is gone has no name any more. */
function useWorkerName({ workerId }: TaskView): string {
  const name = useWorkerPart(workerId ?? ('' as NonNullable<typeof workerId>), (worker) => worker.name);
  return workerId === null ? '' : (name ?? 'removed worker');
}

function Duration({ task }: { readonly task: TaskView }) {
  const words = useCallback((nowMs: number) => formatDuration(durationMs(task, nowMs)), [task]);
  return task.state === 'running' ? <BeatWords words={words} /> : words(0);
}
