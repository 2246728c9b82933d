/** What the control socket accepts as parameters: one schema a method. Loaded with the first request, not before. */
import { z } from 'zod';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS } from '../../core/metrics/level.ts';
import { SETTING_KEYS, type SettingKey } from '../../core/settings/settings.ts';
import type { ControlMethod, ControlMethods } from './contract.ts';

const nothing = z.strictObject({});
const settingKey = z.enum(SETTING_KEYS as readonly [SettingKey, ...SettingKey[]]);
const workerId = z
  .string()
  .min(1)
  .max(64)
  .transform((text) => text as WorkerId);

export const CONTROL_PARAMS: { readonly [Name in ControlMethod]: z.ZodType<ControlMethods[Name]['params']> } = {
  status: nothing,
  watch: nothing,
  'settings.list': nothing,
  'settings.get': z.strictObject({ key: settingKey }),
  'settings.set': z.strictObject({ key: settingKey, value: z.union([z.string().max(200), z.number(), z.boolean()]) }),
  'level.set': z.strictObject({ workerId: workerId.optional(), level: z.enum(LEVELS) }),
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
