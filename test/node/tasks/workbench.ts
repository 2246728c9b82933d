/** A host of attempts in a folder of its own, with what it reported; every process that it started is gone when the test is. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, onTestFinished } from 'vitest';
import type { AttemptOrder, AttemptPulse, AttemptReport } from '../../../src/core/tasks/attempt.ts';
import type { AttemptId, TaskId } from '../../../src/core/tasks/task.ts';
import type { TaskTerms } from '../../../src/core/tasks/terms.ts';
import { systemClock } from '../../../src/node/system-clock.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { openAttemptHost } from '../../../src/node/tasks/attempt-host.ts';
import type { AttemptHost } from '../../../src/node/tasks/contract.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export interface Workbench {
  readonly host: AttemptHost;
  readonly folder: string;
  readonly reports: readonly AttemptReport[];
  readonly pulses: readonly AttemptPulse[];
  readonly warnings: readonly string[];
  /** Starts it and waits for its end. */
  run(changes: Partial<AttemptOrder>): Promise<AttemptReport>;
  ended(attemptId: AttemptId): Promise<AttemptReport>;
  /** Waits until it runs. */
  running(attemptId: AttemptId): Promise<AttemptReport>;
  output(attemptId: AttemptId): Promise<Buffer>;
}

/** Ids that no other test run on this machine has. */
export function anOrder(changes: Partial<AttemptOrder> = {}): AttemptOrder {
  const taskId = `t${crypto.randomUUID().slice(0, 8)}` as TaskId;
  return {
    attemptId: `${taskId}.1` as AttemptId,
    taskId,
    name: 'unit',
    command: ['/bin/true'],
    cwd: null,
    env: {},
    stdin: null,
    files: [],
    fetch: [],
    fileLimitBytes: 2 ** 20,
    gpuIndexes: [],
    timeoutMs: null,
    graceMs: 1_000,
    outputLimitBytes: 2 ** 20,
    ...changes,
  };
}

export function shell(script: string): readonly string[] {
  return ['/bin/sh', '-c', script];
}

export const anyTerms: TaskTerms = { maxParallel: null, programs: null, asUser: null };

/** `folder`: of an earlier workbench. Call it inside a test. */
export async function openWorkbench(terms: Partial<TaskTerms> = {}, folder = tempFolder()): Promise<Workbench> {
  const reports: AttemptReport[] = [];
  const pulses: AttemptPulse[] = [];
  const warnings: string[] = [];
  const opened = await openAttemptHost({
    folder,
    terms: { ...anyTerms, ...terms },
    clock: systemClock,
    timers: systemTimers,
    log: { info() {}, warn: (text) => void warnings.push(text), error() {} },
    onReport: (report) => void reports.push(report),
    onPulses: (some) => void pulses.push(...some),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const host = opened.value;
  onTestFinished(async () => {
    for (const { attemptId, state } of host.attempts()) if (state !== 'ended') host.cancel(attemptId);
    await expect.poll(() => host.attempts().every(({ state }) => state === 'ended')).toBe(true);
    await host.dispose();
    for (const { attemptId } of host.attempts()) await expect.poll(() => processesOf(attemptId)).toEqual([]);
  });

  const reached = async (attemptId: AttemptId, states: readonly AttemptReport['state'][]): Promise<AttemptReport> => {
    const report = () => host.attempts().find((one) => one.attemptId === attemptId);
    await expect.poll(() => states.includes(report()?.state ?? 'accepted'), { interval: 5 }).toBe(true);
    return report()!;
  };
  const bench: Workbench = {
    host,
    folder,
    reports,
    pulses,
    warnings,
    async run(changes) {
      const order = anOrder(changes);
      expect(await host.start(order)).toEqual({ ok: true, value: null });
      return bench.ended(order.attemptId);
    },
    ended: (attemptId) => reached(attemptId, ['ended']),
    running: (attemptId) => reached(attemptId, ['running', 'ended']),
    async output(attemptId) {
      const pieces: Buffer[] = [];
      for (let offset = 0; ; ) {
        const read = await host.readOutput(attemptId, offset);
        if (!read.ok) throw new Error(read.error.message);
        const bytes = Buffer.from(read.value.data, 'base64');
        pieces.push(bytes);
        offset = read.value.fromOffset + bytes.length;
        if (offset >= read.value.totalBytes) return Buffer.concat(pieces);
      }
    },
  };
  return bench;
}

/** Living processes that carry the attempt's mark. */
export function processesOf(attemptId: AttemptId): readonly number[] {
  return livingPids().filter((pid) => read(`/proc/${pid}/environ`).includes(`LABWATCH_ATTEMPT=${attemptId}\0`));
}

export function livingPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter(isAlive);
}

export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== '' && !'ZX'.includes(stat.slice(stat.lastIndexOf(')') + 2)[0] ?? 'X');
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
