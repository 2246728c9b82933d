/** The tasks of this machine: opened where its owner allows them, or where some are left from when he did. */
import { existsSync } from 'node:fs';
import type { TaskTerms } from '../core/tasks/terms.ts';
import type { Log } from '../engine/ports.ts';
import type { Home } from '../node/agent-home/home.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import { openAttemptHost } from '../node/tasks/attempt-host.ts';
import { openTaskDesk, type TaskDesk } from './task-desk.ts';

export interface OwnTasks {
  /** Null: there is nothing to run and nothing to tell. */
  readonly desk: TaskDesk | null;
  /** What the coordinator is told: null where tasks cannot be run, whatever the owner allows. */
  readonly terms: TaskTerms | null;
  /** Why they cannot, in one sentence. */
  readonly problem: string | null;
}

export async function openOwnTasks({ tasksFolder }: Home, terms: TaskTerms | null, log: Log): Promise<OwnTasks> {
  if (terms === null && !existsSync(tasksFolder)) return { desk: null, terms: null, problem: null };
  const opened = await openTaskDesk({
    ...{ folder: tasksFolder, terms, log, openHost: openAttemptHost },
    ...{ clock: systemClock, timers: systemTimers },
  });
  if (opened.ok) return { desk: opened.value, terms, problem: null };
  const problem = `Tasks cannot be run here: ${opened.error.message}`;
  log.error(problem);
  return { desk: null, terms: null, problem };
}
