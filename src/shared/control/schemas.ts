/** What the control socket accepts as parameters: one schema a method. Loaded with the first request, not before. */
import { z } from 'zod';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS } from '../../core/metrics/level.ts';
import { SETTING_KEYS, type SettingKey } from '../../core/settings/settings.ts';
import { type RunId, TASK_STATES } from '../../core/tasks/task.ts';
import { labelChanges } from '../label-schema.ts';
import { MOST_PLAN_CHARACTERS } from '../plan/schema.ts';
import type { ControlMethod, ControlMethods } from './contract.ts';

const nothing = z.strictObject({});
const settingKey = z.enum(SETTING_KEYS as readonly [SettingKey, ...SettingKey[]]);
/** A worker's name or id, as a person types it. */
const worker = z.string().min(1).max(200);
/** An id or the beginning of one, as a person types it. */
const id = z.string().min(1).max(64);
const limit = z.int().min(1).max(1_000);

const taskQuery = z.strictObject({
  runId: (id as unknown as z.ZodType<RunId>).optional(),
  workerId: (worker as unknown as z.ZodType<WorkerId>).optional(),
  states: z.array(z.enum(TASK_STATES)).max(TASK_STATES.length).optional(),
  search: z.string().max(1_000).optional(),
  beforeSequence: z.int().min(0).optional(),
  limit,
});

export const CONTROL_PARAMS: { readonly [Name in ControlMethod]: z.ZodType<ControlMethods[Name]['params']> } = {
  status: nothing,
  watch: nothing,
  'settings.list': nothing,
  'settings.get': z.strictObject({ key: settingKey }),
  'settings.set': z.strictObject({ key: settingKey, value: z.union([z.string().max(200), z.number(), z.boolean()]) }),
  'level.set': z.strictObject({ worker: worker.optional(), level: z.enum(LEVELS) }),
  'workers.invite': nothing,
  'workers.dial': z.strictObject({ code: z.string().min(1).max(10_000) }),
  'workers.rename': z.strictObject({ worker, name: z.string().max(1_000) }),
  'workers.remove': z.strictObject({ worker }),
  'workers.label': z.strictObject({ worker, changes: labelChanges }),
  'workers.price': z.strictObject({ worker, pricePerHour: z.number().nullable() }),
  'workers.update': z.strictObject({ worker }),
  'workers.show': z.strictObject({ worker }),
  'workers.refresh': z.strictObject({ worker }),
  'workers.admission': z.strictObject({ worker, admission: z.enum(['open', 'paused', 'draining']) }),
  'tasks.submit': z.strictObject({
    plan: z.string().max(MOST_PLAN_CHARACTERS),
    folder: z.string().min(1).max(4_096).nullable(),
  }),
  'tasks.find': z.strictObject({ query: taskQuery }),
  'tasks.runs': z.strictObject({ limit }),
  'task.show': z.strictObject({ task: id }),
  'task.cancel': z.strictObject({ task: id }),
  'task.retry': z.strictObject({ task: id }),
  'task.unpark': z.strictObject({ task: id }),
  'run.cancel': z.strictObject({ run: id }),
  'run.show': z.strictObject({ run: id }),
  'task.output': z.strictObject({ task: id, attempt: z.int().min(1).max(999_999).nullable(), offset: z.int() }),
  'run.watch': z.strictObject({ run: id }),
  listener: nothing,
  doctor: nothing,
  focus: nothing,
  stop: nothing,
};

/** One sentence for the first thing that is wrong with parameters: where, and what was expected. */
export function describeParamsError(error: z.ZodError): string {
  const issue = error.issues[0];
  const path = issue?.path.join('.') || 'params';
  return `${path}: ${issue?.message ?? 'not valid'}.`;
}
