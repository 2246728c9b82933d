/** Above the table: which tasks, and the way to a new one. */
import { ChevronDown, Plus, Search, X } from 'lucide-react';
import { type RefObject, useEffect, useState } from 'react';
import type { RunId } from '../../core/tasks/task.ts';
import type { RunView, TaskCounts } from '../../core/tasks/view.ts';
import { openNewTask } from '../new-task/new-task-state.ts';
import { useWorkerPart } from '../state/fleet.ts';
import { useStore } from '../state/store.ts';
import { changeTaskFilter } from '../state/task-place.ts';
import { capital } from '../ui/capital.ts';
import { Segmented } from '../ui/segmented.tsx';
import { momentWords } from '../ui/time-words.ts';
import { unturned } from '../ui/unturned.ts';
import { taskCounts } from './live-tasks.ts';
import { progressOf } from './runs.ts';
import { STATES_OF, type StateGroup, type TaskFilter } from './task-filter.ts';

interface Props {
  readonly filter: TaskFilter;
  readonly runs: readonly RunView[];
  readonly searchField: RefObject<HTMLInputElement | null>;
}

/** Each letter would ask the app anew. */
const TYPING_MS = 150;
const GROUPS = Object.keys(STATES_OF) as readonly StateGroup[];
/** Counted since the app started where they are over, which a filter over all tasks must not claim. */
const COUNTED: readonly StateGroup[] = ['waiting', 'running', 'parked'];

export function TaskToolbar({ filter, runs, searchField }: Props) {
  const all = useStore(taskCounts, (counts) => counts);
  const run = runs.find(({ runId }) => runId === filter.runId);
  const counts = filter.runId === null ? all : (run?.counts ?? null);
  return (
    <div className="toolbar">
      <Segmented
        label="Filter by state"
        className="task-groups"
        options={groupOptions(filter, counts)}
        value={filter.group}
        onChange={(group) => changeTaskFilter({ group })}
      />
      <span className="toolbar-turn" />
      <SearchField search={filter.search} field={searchField} />
      <RunPicker runId={filter.runId} runs={runs} />
      {filter.workerId === null ? null : <WorkerChip workerId={filter.workerId} />}
      <span className="toolbar-gap" />
      <button
        type="button"
        className="button add-button"
        aria-haspopup="dialog"
        aria-keyshortcuts="n"
        title="New task (n)"
        onClick={() => openNewTask()}
      >
        <Plus size={14} aria-hidden="true" />
        <span className="add-button-word">New task</span>
      </button>
    </div>
  );
}

function groupOptions(filter: TaskFilter, counts: TaskCounts | null) {
  const isWhole = filter.workerId === null && filter.search === '';
  return GROUPS.map((group) => {
    const states = STATES_OF[group];
    const isCounted = counts !== null && states !== null && (filter.runId !== null || COUNTED.includes(group));
    const count = isCounted ? states.reduce((sum, state) => sum + counts[state], 0) : 0;
    return { value: group, title: <GroupTitle group={group} count={count} isTrue={isWhole} />, count };
  }).filter(({ value, count }) => value !== 'parked' || count > 0 || filter.group === 'parked');
}

interface GroupTitleProps {
  readonly group: StateGroup;
  readonly count: number;
  /** Whether the count is that of the tasks listed. */
  readonly isTrue: boolean;
}

/** A count that is not that of the list keeps its place unseen, so that nothing moves while one types. */
function GroupTitle({ group, count, isTrue }: GroupTitleProps) {
  return (
    <>
      {capital(group)}
      {count === 0 ? null : <span className={isTrue ? undefined : 'untold'}> {count}</span>}
    </>
  );
}

interface SearchProps {
  readonly search: string;
  readonly field: RefObject<HTMLInputElement | null>;
}

function SearchField({ search, field }: SearchProps) {
  const [text, setText] = useState(search);
  useEffect(() => setText(search), [search]);
  useEffect(() => {
    if (text.trim() === search) return;
    const timer = setTimeout(() => changeTaskFilter({ search: text.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, search]);
  return (
    <label className="filter-field">
      <Search size={14} aria-hidden="true" />
      <span className="visually-hidden">Search tasks by name, run, type or command</span>
      <input
        ref={field}
        className="field"
        type="text"
        placeholder="Name, command …  /"
        title="A part of the name of task or run, of its type, or of its command"
        maxLength={1_000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation();
          setText('');
          changeTaskFilter({ search: '' });
          event.currentTarget.blur();
        }}
      />
    </label>
  );
}

const MOST_LETTERS = 48;

function RunPicker({ runId, runs }: { readonly runId: RunId | null; readonly runs: readonly RunView[] }) {
  const isUnknown = runId !== null && runs.every((run) => run.runId !== runId);
  return (
    <label className="run-picker button">
      <span className="visually-hidden">Show the tasks of</span>
      <select
        value={runId ?? ''}
        onChange={(event) => {
          changeTaskFilter({ runId: event.target.value === '' ? null : (event.target.value as RunId) });
        }}
      >
        <option value="">All runs</option>
        {isUnknown ? <option value={runId}>Run {runId}</option> : null}
        {runs.map((run) => (
          <option key={run.runId} value={run.runId}>
            {/* How far the chosen one is stands in its own line below. */}
            {run.runId === runId ? shortName(run) : optionWords(run)}
          </option>
        ))}
      </select>
      <ChevronDown size={14} aria-hidden="true" />
    </label>
  );
}

/** `nightly · 61 of 84 · 14:43:02`. */
function optionWords(run: RunView): string {
  const { over, all } = progressOf(run.counts);
  return `${shortName(run)} · ${over} of ${all} · ${momentWords(run.submittedAtMs, Date.now())}`;
}

function shortName({ name }: RunView): string {
  const letters = [...unturned(name)];
  return letters.length > MOST_LETTERS ? `${letters.slice(0, MOST_LETTERS).join('')}…` : letters.join('');
}

function WorkerChip({ workerId }: { readonly workerId: NonNullable<TaskFilter['workerId']> }) {
  const name = useWorkerPart(workerId, (worker) => worker.name) ?? 'a removed worker';
  return (
    <button
      type="button"
      className="button worker-chip"
      aria-label={`Only tasks on ${name}: show those of every worker`}
      title="Show the tasks of every worker"
      onClick={() => changeTaskFilter({ workerId: null })}
    >
      <span className="button-name">on {name}</span>
      <X size={13} aria-hidden="true" />
    </button>
  );
}
