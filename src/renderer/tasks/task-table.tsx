/** The table of tasks, newest first. Only the rows in sight are drawn, however many there are; older ones come as one scrolls. */
// biome-ignore-all lint/a11y/useSemanticElements: rows that are drawn only where one looks cannot be a table's
import { ChevronDown } from 'lucide-react';
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { formatCount } from '../../core/metrics/format.ts';
import type { Failure } from '../../core/result.ts';
import type { TaskId } from '../../core/tasks/task.ts';
import type { TaskView } from '../../core/tasks/view.ts';
import { TaskRow } from './task-row.tsx';

const ROW_HEIGHT = 28;
/** Drawn beyond the edges, so that scrolling by a notch shows no gap. */
const OVERSCAN = 6;

const COLUMNS = [
  ['state', 'State'],
  ['name', 'Task'],
  ['run', 'Run'],
  ['worker', 'Worker'],
  ['outcome', 'Waits for, outcome'],
  ['priority', 'Prio'],
  ['submitted', 'Submitted'],
  ['duration', 'Duration'],
  ['cpu', 'CPU time'],
  ['memory', 'Mem peak'],
] as const;

interface Props {
  readonly tasks: readonly TaskView[];
  readonly hasMore: boolean;
  readonly failure: Failure | null;
  readonly openTaskId: TaskId | null;
  readonly onOpen: (taskId: TaskId) => void;
  readonly onMore: () => void;
}

export function TaskTable({ tasks, hasMore, failure, openTaskId, onOpen, onMore }: Props) {
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const { first, last, follow } = useRowsInSight(scroller, tasks.length);
  const { current, index, onKeyDown, setCurrent } = useCurrentTask(tasks, openTaskId, scroller, onOpen);
  const isDrawn = index >= first && index <= last;
  const isNearEnd = hasMore && last >= tasks.length - OVERSCAN;
  // biome-ignore lint/correctness/useExhaustiveDependencies: asked again when a page has come and its end is in sight too
  useEffect(() => {
    if (isNearEnd && failure === null) onMore();
  }, [isNearEnd, tasks.length, failure, onMore]);
  const open = useCallback(
    (taskId: TaskId) => {
      setCurrent(taskId);
      onOpen(taskId);
    },
    [onOpen, setCurrent],
  );
  const rowId = (taskId: TaskId) => `${id}${taskId}`;

  return (
    <>
      <div
        ref={scroller}
        className="task-grid"
        role="grid"
        aria-label="Tasks, newest first"
        aria-rowcount={hasMore ? -1 : tasks.length + 1}
        aria-activedescendant={current === null || !isDrawn ? undefined : rowId(current)}
        tabIndex={0}
        onScroll={follow}
        onKeyDown={onKeyDown}
      >
        <div className="task-head" role="row" aria-rowindex={1} tabIndex={-1}>
          {COLUMNS.map(([name, title]) => (
            <span
              key={name}
              role="columnheader"
              tabIndex={-1}
              className={`task-${name}`}
              aria-sort={name === 'submitted' ? 'descending' : undefined}
            >
              {title}
              {name === 'submitted' ? <ChevronDown size={11} aria-hidden="true" /> : null}
            </span>
          ))}
        </div>
        <div className="task-rows" role="rowgroup" style={{ height: tasks.length * ROW_HEIGHT }}>
          {tasks.slice(first, last + 1).map((task, offset) => (
            <TaskRow
              key={task.taskId}
              id={rowId(task.taskId)}
              task={task}
              line={first + offset + 2}
              top={(first + offset) * ROW_HEIGHT}
              isOpen={task.taskId === openTaskId}
              isCurrent={task.taskId === current}
              onOpen={open}
            />
          ))}
        </div>
      </div>
      <p className="task-foot" role="status">
        {failure === null ? (
          `Newest first. ${formatCount(tasks.length)} ${tasks.length === 1 ? 'task' : 'tasks'}${hasMore ? ' so far; older ones come as you scroll.' : '.'}`
        ) : (
          <>
            <span className="words-critical">Older tasks could not be read: {failure.message}</span>{' '}
            <button type="button" className="link" onClick={onMore}>
              Try again
            </button>
          </>
        )}
      </p>
    </>
  );
}

interface RowsInSight {
  readonly first: number;
  readonly last: number;
  /** To be called when the table was scrolled. */
  readonly follow: () => void;
}

function useRowsInSight(scroller: React.RefObject<HTMLDivElement | null>, count: number): RowsInSight {
  const [rows, setRows] = useState({ first: 0, shown: 40 });
  const follow = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const first = Math.max(0, Math.floor(element.scrollTop / ROW_HEIGHT) - OVERSCAN);
    const shown = Math.ceil(element.clientHeight / ROW_HEIGHT) + 2 * OVERSCAN;
    setRows((before) => (before.first === first && before.shown === shown ? before : { first, shown }));
  }, [scroller]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(follow);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, follow]);
  const last = Math.min(count - 1, rows.first + rows.shown);
  return { first: Math.min(rows.first, Math.max(0, last)), last, follow };
}

/** The row that the keys act on: the one last moved to or opened. */
function useCurrentTask(
  tasks: readonly TaskView[],
  openTaskId: TaskId | null,
  scroller: React.RefObject<HTMLDivElement | null>,
  onOpen: (taskId: TaskId) => void,
) {
  const [chosen, setCurrent] = useState<TaskId | null>(openTaskId);
  const index = chosen === null ? -1 : tasks.findIndex(({ taskId }) => taskId === chosen);
  const current = tasks[Math.max(0, index)]?.taskId ?? null;
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'Enter' && current !== null) {
      event.preventDefault();
      onOpen(current);
      return;
    }
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_HEIGHT) - 2);
    const moved = movedRow(event.key, index, page, tasks.length);
    if (moved === null) return;
    event.preventDefault();
    setCurrent(tasks[moved]?.taskId ?? null);
    showRow(scroller.current, moved);
  };
  return { current, index: Math.max(0, index), onKeyDown, setCurrent };
}

/** The row to move to, or null when the key moves nothing; `index` is -1 before the first move. */
function movedRow(key: string, index: number, page: number, count: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + page,
    PageUp: index - page,
    Home: 0,
    End: count - 1,
  };
  const moved = moves[key];
  return moved === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, moved));
}

/** The line of titles stays above the rows and covers one of them. */
function showRow(element: HTMLElement | null, index: number): void {
  if (element === null) return;
  const top = index * ROW_HEIGHT;
  const room = element.clientHeight - 2 * ROW_HEIGHT;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top > element.scrollTop + room) element.scrollTop = top - room;
}
