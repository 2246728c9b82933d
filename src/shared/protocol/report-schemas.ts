/**
 * What an agent may report beside ticks: processes, collectors, inventory, events.
 *
 * Texts are cut and lists shortened instead of refused: a program with an endless command line must not cost a worker
 * its link. What a newer agent adds is left out.
 */
import { z } from 'zod';
import { completeInventory, type Inventory } from '../../core/fleet/inventory.ts';
import type { CollectorStatus } from '../../core/metrics/collector.ts';
import type { ProcessSnapshot, WorkerEvent } from '../../core/metrics/sample.ts';

/** Any text, cut to `most` UTF-16 units; halves of characters and NUL, which no database keeps, are replaced. */
export function text(most: number) {
  return z.string().transform((value) => value.slice(0, most).toWellFormed().replaceAll('\0', '\ufffd'));
}

/** The first `most` of a list. */
export function listOf<Schema extends z.ZodType>(schema: Schema, most: number) {
  return z.array(schema).transform((list) => (list.length > most ? list.slice(0, most) : list));
}

/** Whole ms of the years 1970 to 2109. */
export const time = z
  .number()
  .min(0)
  .max(2 ** 42)
  .transform(Math.round);
export const amount = z.number().min(0);
export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

const processSample = z.object({
  pid: count,
  name: text(256),
  user: text(256).nullable(),
  command: text(4_096),
  cpuCores: amount,
  memoryBytes: amount,
  threadCount: count.nullable(),
  readBytesPerSecond: amount.nullable(),
  writeBytesPerSecond: amount.nullable(),
  gpuMemoryBytes: amount.nullable(),
});

const processSnapshot: z.ZodType<ProcessSnapshot> = z.object({
  atMs: time,
  processCount: count,
  processes: listOf(processSample, 5_000),
});

const collectorStatus: z.ZodType<CollectorStatus> = z.object({
  collector: text(64),
  state: z.enum(['ok', 'unsupported', 'no permission', 'failing']),
  reason: text(500).nullable(),
  remedy: text(500).nullable(),
  sinceMs: time,
  skippedTicks: count,
});

const short = text(256);

/** What agents of earlier versions did not read is absent. */
const inventory: z.ZodType<Inventory> = z
  .object({
    atMs: time,
    hostName: short,
    os: z.object({ platform: short, distribution: short, release: short, kernel: short, arch: short }),
    machine: z.object({ manufacturer: short.nullable(), model: short.nullable(), isVirtual: z.boolean().nullable() }),
    cpu: z.object({
      model: short,
      physicalCores: count.nullable(),
      logicalCores: count,
      maxFrequencyHz: amount.nullable(),
      instructionSets: listOf(text(40), 100).nullish(),
      caches: listOf(z.object({ name: text(16), sizeBytes: amount, count: count.nullable() }), 16).nullish(),
    }),
    memoryBytes: amount,
    swapBytes: amount.nullable(),
    gpus: listOf(
      z.object({
        vendor: short,
        model: short,
        memoryBytes: amount.nullable(),
        driver: short.nullable(),
        computeCapability: text(40).nullish(),
        address: text(40).nullish(),
      }),
      64,
    ),
    cudaDriverVersion: text(40).nullish(),
    disks: listOf(
      z.object({
        device: short,
        model: short.nullable(),
        kind: z.enum(['ssd', 'hdd', 'nvme', 'virtual', 'unknown']).catch('unknown'),
        sizeBytes: amount.nullable(),
      }),
      256,
    ),
    nics: listOf(
      z.object({
        name: short,
        macAddress: short.nullable(),
        speedBitsPerSecond: amount.nullable(),
        isVirtual: z.boolean(),
      }),
      256,
    ),
    software: listOf(z.object({ name: text(40), version: text(40).nullable() }), 100).nullish(),
    simulated: listOf(text(40), 16).optional(),
  })
  .transform(completeInventory);

/** What an agent may say of itself; pairing, reach and loss are the coordinator's to tell. */
const AGENT_EVENTS = [
  'started',
  'stopped',
  'level-changed',
  'clock-jumped',
  'collector-changed',
  'updated',
  'update-failed',
] as const;

const workerEvent = z.object({
  atMs: time,
  kind: z.enum(AGENT_EVENTS).nullable().catch(null),
  message: text(500),
});

const workerEvents = listOf(workerEvent, 1_000).transform((events): WorkerEvent[] =>
  events.flatMap(({ kind, ...event }) => (kind === null ? [] : [{ ...event, kind }])),
);

/** The parts of a batch that are checked here; `codec.ts` checks the others as it reads them. */
export const REPORTS = {
  processes: listOf(processSnapshot, 1_000),
  collectors: listOf(collectorStatus, 100),
  inventory,
  events: workerEvents,
};
