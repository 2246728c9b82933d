/** What the window may send: a schema for the arguments of every call that has any. Anything else is refused before a handler sees it. */
import { z } from 'zod';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS } from '../../core/metrics/level.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import { isSettingKey, type SettingKey } from '../../core/settings/settings.ts';
import { type AttemptId, type RunId, TASK_STATES, type TaskId } from '../../core/tasks/task.ts';
import { MOST_ATTEMPTS } from '../../core/tasks/view.ts';
import { labelChanges } from '../label-schema.ts';
import { MOST_PLAN_CHARACTERS } from '../plan/schema.ts';
import type { BareCall, Calls } from './contract.ts';

const workerId = z.string().min(1).max(64) as unknown as z.ZodType<WorkerId>;
const seriesKey = z.string().min(1).max(1_000) as unknown as z.ZodType<SeriesKey>;
const timeMs = z.number().min(0).max(8.64e15);
const level = z.enum(LEVELS);
const settingKey = z.string().refine(isSettingKey) as unknown as z.ZodType<SettingKey>;
const taskId = z.string().min(1).max(64) as unknown as z.ZodType<TaskId>;
const runId = z.string().min(1).max(64) as unknown as z.ZodType<RunId>;
const attemptId = z.string().min(1).max(80) as unknown as z.ZodType<AttemptId>;
/** A window that answers for 500 series at once asks in parts. */
const MOST_SERIES = 500;
/** Window state is a few dozen short values. */
const MOST_UI_STATE_CHARACTERS = 64_000;

const historyRequest = z
  .strictObject({
    workerId,
    seriesKeys: z.array(seriesKey).max(MOST_SERIES),
    fromMs: timeMs,
    toMs: timeMs,
    maxPoints: z.number().int().min(1).max(5_000),
  })
  .refine((request) => request.fromMs < request.toMs, 'fromMs must be before toMs');

const taskQuery = z.strictObject({
  runId: runId.optional(),
  workerId: workerId.optional(),
  states: z.array(z.enum(TASK_STATES)).max(TASK_STATES.length).optional(),
  search: z.string().max(1_000).optional(),
  beforeSequence: z.number().int().min(0).optional(),
  limit: z.number().int().min(1).max(1_000),
});

const attemptQuery = z
  .strictObject({
    fromMs: timeMs,
    toMs: timeMs,
    workerId: workerId.optional(),
    limit: z.number().int().min(1).max(MOST_ATTEMPTS),
  })
  .refine((query) => query.fromMs < query.toMs, 'fromMs must be before toMs');

const uiState = z
  .record(z.string().max(100), z.json())
  .refine((state) => JSON.stringify(state).length <= MOST_UI_STATE_CHARACTERS, 'too large');

export const CALL_ARGUMENTS = {
  'app:open': z.tuple([z.enum(['data', 'logs'])]),
  'worker:watch': z.tuple([workerId.nullable()]),
  'worker:history': z.tuple([historyRequest]),
  'worker:series': z.tuple([workerId]),
  'worker:processes': z.tuple([workerId, timeMs.nullable()]),
  'worker:inventory': z.tuple([workerId]),
  'worker:refresh-inventory': z.tuple([workerId]),
  'worker:update-agent': z.tuple([workerId]),
  'worker:events': z.tuple([workerId, timeMs, timeMs]),
  'worker:set-level': z.tuple([workerId, level]),
  'workers:dial': z.tuple([z.string().min(1).max(10_000)]),
  'worker:rename': z.tuple([workerId, z.string().max(1_000)]),
  'worker:label': z.tuple([workerId, labelChanges]),
  'worker:set-price': z.tuple([workerId, z.number().nullable()]),
  'worker:remove': z.tuple([workerId]),
  'worker:set-admission': z.tuple([workerId, z.enum(['open', 'paused', 'draining'])]),
  'tasks:submit': z.tuple([z.string().max(MOST_PLAN_CHARACTERS), z.string().min(1).max(4_096).nullable()]),
  'tasks:find': z.tuple([taskQuery]),
  'attempts:between': z.tuple([attemptQuery]),
  'tasks:runs': z.tuple([z.number().int().min(1).max(1_000)]),
  'task:show': z.tuple([taskId]),
  'task:output': z.tuple([attemptId, z.number().int().safe()]),
  'task:cancel': z.tuple([taskId]),
  'task:retry': z.tuple([taskId]),
  'task:unpark': z.tuple([taskId]),
  'run:cancel': z.tuple([runId]),
  'task:open-files': z.tuple([attemptId]),
  'settings:set': z.tuple([settingKey, z.union([z.string().max(1_000), z.number(), z.boolean()])]),
  'ui-state:set': z.tuple([uiState]),
} satisfies {
  readonly [Name in Exclude<keyof Calls, BareCall>]: z.ZodType<Parameters<Calls[Name]>, never> | z.ZodType;
};
