/** What the control socket accepts as parameters: one schema a method. Loaded with the first request, not before. */
import { z } from 'zod';
import { LEVELS } from '../../core/metrics/level.ts';
import { SETTING_KEYS, type SettingKey } from '../../core/settings/settings.ts';
import { labelChanges } from '../label-schema.ts';
import type { ControlMethod, ControlMethods } from './contract.ts';

const nothing = z.strictObject({});
const settingKey = z.enum(SETTING_KEYS as readonly [SettingKey, ...SettingKey[]]);
/** A worker's name or id, as a person types it. */
const worker = z.string().min(1).max(200);

export const CONTROL_PARAMS: { readonly [Name in ControlMethod]: z.ZodType<ControlMethods[Name]['params']> } = {
  status: nothing,
  watch: nothing,
  'settings.list': nothing,
  'settings.get': z.strictObject({ key: settingKey }),
  'settings.set': z.strictObject({ key: settingKey, value: z.union([z.string().max(200), z.number(), z.boolean()]) }),
  'level.set': z.strictObject({ worker: worker.optional(), level: z.enum(LEVELS) }),
  'workers.invite': nothing,
  'workers.rename': z.strictObject({ worker, name: z.string().max(1_000) }),
  'workers.remove': z.strictObject({ worker }),
  'workers.label': z.strictObject({ worker, changes: labelChanges }),
  'workers.price': z.strictObject({ worker, pricePerHour: z.number().nullable() }),
  'workers.show': z.strictObject({ worker }),
  'workers.refresh': z.strictObject({ worker }),
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
