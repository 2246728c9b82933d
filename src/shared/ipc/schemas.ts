/** What the window may send: a schema for the arguments of every call that has any. Anything else is refused before a handler sees it. */
import { z } from 'zod';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS } from '../../core/metrics/level.ts';
import type { SeriesKey } from '../../core/metrics/series.ts';
import { isSettingKey, type SettingKey } from '../../core/settings/settings.ts';
import { labelChanges } from '../label-schema.ts';
import type { BareCall, Calls } from './contract.ts';

const workerId = z.string().min(1).max(64) as unknown as z.ZodType<WorkerId>;
const seriesKey = z.string().min(1).max(1_000) as unknown as z.ZodType<SeriesKey>;
const timeMs = z.number().min(0).max(8.64e15);
const level = z.enum(LEVELS);
const settingKey = z.string().refine(isSettingKey) as unknown as z.ZodType<SettingKey>;
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
  'worker:events': z.tuple([workerId, timeMs, timeMs]),
  'worker:set-level': z.tuple([workerId, level]),
  'worker:rename': z.tuple([workerId, z.string().max(1_000)]),
  'worker:label': z.tuple([workerId, labelChanges]),
  'worker:set-price': z.tuple([workerId, z.number().nullable()]),
  'worker:remove': z.tuple([workerId]),
  'settings:set': z.tuple([settingKey, z.union([z.string().max(1_000), z.number(), z.boolean()])]),
  'ui-state:set': z.tuple([uiState]),
} satisfies {
  readonly [Name in Exclude<keyof Calls, BareCall>]: z.ZodType<Parameters<Calls[Name]>, never> | z.ZodType;
};
