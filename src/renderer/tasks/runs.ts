/** The newest runs, as they stand now. */
import { useEffect, useState } from 'react';
import type { RunId } from '../../core/tasks/task.ts';
import type { RunView, TaskCounts } from '../../core/tasks/view.ts';
import { call } from '../api.ts';
import { followTasks } from './live-tasks.ts';

const MOST_RUNS = 100;

/** Newest first; empty until they are read. */
export function useRuns(): readonly RunView[] {
  const [runs, setRuns] = useState<readonly RunView[]>([]);
  useEffect(() => {
    let isCurrent = true;
    /** Changes since the question was asked: its answer may be older than they are. */
    let meanwhile: RunView[] = [];
    const load = async () => {
      meanwhile = [];
      const answer = await call('tasks:runs', MOST_RUNS);
      if (isCurrent && answer.ok) setRuns(mergeRuns(answer.value, meanwhile));
    };
    void load();
    const stop = followTasks({
      changed: ({ runs: changes }) => {
        if (changes.length === 0) return;
        meanwhile.push(...changes);
        setRuns((before) => mergeRuns(before, changes));
      },
      missed: () => void load(),
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, []);
  return runs;
}

function mergeRuns(before: readonly RunView[], changes: readonly RunView[]): readonly RunView[] {
  const byId = new Map<RunId, RunView>([...before, ...changes].map((run) => [run.runId, run]));
  return [...byId.values()].sort((a, b) => b.submittedAtMs - a.submittedAtMs).slice(0, MOST_RUNS);
}

export interface RunProgress {
  readonly all: number;
  readonly over: number;
  readonly running: number;
  readonly waiting: number;
}

export function progressOf(counts: TaskCounts): RunProgress {
  const over = counts.succeeded + counts.failed + counts.cancelled;
  const running = counts.placed + counts.running;
  const waiting = counts.blocked + counts.queued + counts.parked;
  return { all: over + running + waiting, over, running, waiting };
}
