/** All there is to know of one task, read again whenever it changes. */
import { useCallback, useEffect, useState } from 'react';
import type { Failure } from '../../core/result.ts';
import type { TaskId } from '../../core/tasks/task.ts';
import type { TaskDetail } from '../../core/tasks/view.ts';
import { call } from '../api.ts';
import { followTasks } from './live-tasks.ts';

export type TaskDetailState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | { readonly status: 'ready'; readonly detail: TaskDetail };

interface Use {
  readonly state: TaskDetailState;
  readonly reload: () => void;
}

export function useTaskDetail(taskId: TaskId): Use {
  const [state, setState] = useState<TaskDetailState>({ status: 'loading' });
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` says when to read again
  useEffect(() => {
    let isCurrent = true;
    let isUnderWay = false;
    let isAgainWanted = false;
    const load = async () => {
      isAgainWanted = isUnderWay;
      if (isUnderWay) return;
      isUnderWay = true;
      const answer = await call('task:show', taskId);
      isUnderWay = false;
      if (!isCurrent) return;
      setState(answer.ok ? { status: 'ready', detail: answer.value } : { status: 'error', failure: answer.error });
      if (isAgainWanted) void load();
    };
    void load();
    const stop = followTasks({
      changed: ({ tasks }) => {
        if (tasks.some((task) => task.taskId === taskId)) void load();
      },
      missed: () => void load(),
    });
    return () => {
      isCurrent = false;
      stop();
    };
  }, [taskId, asked]);
  const reload = useCallback(() => {
    setState({ status: 'loading' });
    setAsked((count) => count + 1);
  }, []);
  return { state, reload };
}
