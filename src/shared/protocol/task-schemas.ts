/**
 * What an agent tells of its attempts. Sentences are cut and lists of them shortened, as in other reports; ids and paths,
 * which become names of files here, are refused where they are not of their form.
 */
import { z } from 'zod';
import type { AttemptEnd, AttemptPulse, AttemptReport, AttemptUsage } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';
import { LIMITS } from './contract.ts';
import { amount, count, listOf, text, time } from './report-schemas.ts';
import { isAttemptId, isPathBelow, isSha256, LONGEST_PATH, MOST_PROGRAMS } from './task-checks.ts';

const attemptId = z.custom<AttemptId>(isAttemptId);
const measured = amount.nullable();

const usage: z.ZodType<AttemptUsage> = z.object({
  basis: z.enum(['cgroup', 'subreaper', 'process-tree']),
  wallMs: amount,
  cpuSeconds: measured,
  coresPeak: measured,
  coresMean: measured,
  memoryPeakBytes: measured,
  memoryMeanBytes: measured,
  diskReadBytes: measured,
  diskWriteBytes: measured,
  networkReceivedBytes: measured,
  networkSentBytes: measured,
  gpuUtilizationPeak: measured,
  gpuUtilizationMean: measured,
  gpuMemoryPeakBytes: measured,
  gpuMemoryMeanBytes: measured,
  energyJoules: measured,
  processesPeak: measured,
});

const end: z.ZodType<AttemptEnd> = z.object({
  how: z.enum(['exited', 'timed-out', 'cancelled', 'not-started', 'vanished']),
  exitCode: count.nullable(),
  signal: text(32).nullable(),
  message: text(500).nullable(),
  orphansEnded: count,
  outputBytes: count,
  outputDroppedBytes: count,
  files: z
    .array(z.object({ path: z.custom<string>(isPathBelow), bytes: count, sha256: z.custom<string>(isSha256) }))
    .max(LIMITS.filesPerAttempt),
  filesLeft: listOf(text(500), 100),
});

const report: z.ZodType<AttemptReport> = z
  .object({
    attemptId,
    version: count,
    state: z.enum(['accepted', 'running', 'ended']),
    startedAtMs: time.nullable(),
    endedAtMs: time.nullable(),
    end: end.nullable(),
    usage: usage.nullable(),
  })
  .refine((one) => (one.state === 'ended') === (one.end !== null), { path: ['end'] });

const pulse: z.ZodType<AttemptPulse> = z.object({
  attemptId,
  cores: measured,
  memoryBytes: measured,
  gpuMemoryBytes: measured,
  usage,
  outputBytes: count,
});

export const taskTerms: z.ZodType<TaskTerms> = z.object({
  maxParallel: z.number().int().min(1).max(Number.MAX_SAFE_INTEGER).nullable(),
  programs: z.array(text(LONGEST_PATH)).max(MOST_PROGRAMS).nullable(),
  asUser: text(64).nullable(),
});

export const attemptReports = z.object({
  kind: z.literal('attempts'),
  isAll: z.boolean(),
  reports: z.array(report).max(LIMITS.attemptsPerMessage),
});

export const attemptPulses = z.object({
  kind: z.literal('pulses'),
  pulses: z.array(pulse).max(LIMITS.attemptsPerMessage),
});
