/**
 * What arrives at a coordinator, checked: one schema a kind of message.
 *
 * Messages are frequent and mostly ticks, so a delivery's ticks are not walked here: the decoder checks each number as
 * it reads it.
 */
import { z } from 'zod';
import { workerId } from '../../core/fleet/worker.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Delivery, FromAgent, WireBatch, WireLayout, WireTick } from './contract.ts';
import { isJsonObject, type JsonObject, parseJsonObject } from './json-text.ts';
import { REPORTS, text } from './report-schemas.ts';
import { attemptPulses, attemptReports, taskTerms } from './task-schemas.ts';

const id = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const version = z.object({ major: count, minor: count });
/** Bytes in base64url; whoever uses them decodes them. */
const bytes = z.string().max(512);
const worker = z.string().min(1).max(64).transform(workerId);

const failure = z.object({
  code: z
    .enum([
      'invalid-argument',
      'not-found',
      'not-permitted',
      'read-only',
      'disk-full',
      'storage',
      'unavailable',
      'timeout',
      'internal',
    ])
    .catch('internal'),
  message: text(500),
});

const SCHEMAS: {
  readonly [Kind in Exclude<FromAgent['kind'], 'delivery'>]: z.ZodType<Extract<FromAgent, { readonly kind: Kind }>>;
} = {
  // All but the version may be of another form in a protocol of another major, which is to be told so.
  hello: z.object({
    kind: z.literal('hello'),
    protocol: version,
    agentVersion: text(64).catch('?'),
    nonce: bytes.catch(''),
  }),
  proof: z.object({
    kind: z.literal('proof'),
    publicKey: bytes,
    signature: bytes,
    as: z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('enrolled'), workerId: worker }),
      z.object({ kind: z.literal('invited'), invitationId: z.string().min(1).max(64), codeProof: bytes }),
    ]),
    hostName: text(256),
    platform: text(64),
    runsTasks: z.boolean(),
    taskTerms: taskTerms.nullish().transform((terms) => terms ?? null),
  }),
  health: z.object({
    kind: z.literal('health'),
    clockDifferenceMs: z.number().nullable(),
    spooledBytes: count,
    lostTicks: count,
  }),
  ping: z.object({ kind: z.literal('ping'), id }),
  pong: z.object({ kind: z.literal('pong'), id, atMs: z.number() }),
  answer: z.discriminatedUnion('ok', [
    z.object({ kind: z.literal('answer'), id, ok: z.literal(true), value: z.unknown() }),
    z.object({ kind: z.literal('answer'), id, ok: z.literal(false), error: failure }),
  ]),
  leaving: z.object({ kind: z.literal('leaving') }),
  attempts: attemptReports,
  pulses: attemptPulses,
};

/** Null for a kind of message that a newer agent knows and this version may ignore. */
export function parseFromAgent(message: string): Result<FromAgent | null> {
  const json = parseJsonObject(message);
  if (json === null) return unreadable();
  return json.kind === 'delivery' ? parseDelivery(json) : parseKind(json);
}

function unreadable() {
  return fail('invalid-argument', 'A message is not a JSON object, or is nested too deeply.');
}

function parseKind(json: JsonObject): Result<FromAgent | null> {
  const { kind } = json;
  if (typeof kind !== 'string') return fail('invalid-argument', 'A message does not say of what kind it is.');
  if (!Object.hasOwn(SCHEMAS, kind)) return ok(null);
  return checked<z.ZodType<FromAgent>>(SCHEMAS[kind as keyof typeof SCHEMAS], json, kind);
}

function checked<Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): Result<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const path = parsed.error.issues[0]?.path.join('.') ?? '';
  return fail('invalid-argument', `A message of the kind ${what} is malformed${path === '' ? '' : ` at ${path}`}.`);
}

function parseDelivery({ sequence, isLate, batch }: JsonObject): Result<Delivery> {
  if (!Number.isSafeInteger(sequence) || typeof isLate !== 'boolean' || !isJsonObject(batch)) return malformed('');
  const layouts = batch.layouts ?? [];
  const ticks = batch.ticks ?? [];
  if (!Array.isArray(layouts) || !layouts.every(isLayout)) return malformed(' at layouts');
  if (!Array.isArray(ticks) || !ticks.every(isTick)) return malformed(' at ticks');
  const checkedBatch: { -readonly [Part in keyof WireBatch]: WireBatch[Part] } = {};
  if (layouts.length > 0) checkedBatch.layouts = layouts;
  if (ticks.length > 0) checkedBatch.ticks = ticks;
  for (const part of ['processes', 'collectors', 'inventory', 'events'] as const) {
    if (batch[part] === undefined) continue;
    const report = checked<z.ZodType>(REPORTS[part], batch[part], `delivery, ${part},`);
    if (!report.ok) return report;
    Object.assign(checkedBatch, { [part]: report.value });
  }
  return ok({ kind: 'delivery', sequence: sequence as number, isLate, batch: checkedBatch });
}

function malformed(where: string) {
  return fail('invalid-argument', `A message of the kind delivery is malformed${where}.`);
}

function isLayout(value: unknown): value is WireLayout {
  return isJsonObject(value) && Array.isArray(value.seriesKeys);
}

function isTick(value: unknown): value is WireTick {
  return Array.isArray(value) && Array.isArray(value[2]);
}
