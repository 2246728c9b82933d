import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../src/core/result.ts';
import { attemptIdOf } from '../../src/core/tasks/task.ts';
import { readLink } from '../../src/engine/link-reader.ts';
import { type FromAgent, type FromCoordinator, LIMITS } from '../../src/shared/protocol/contract.ts';
import { createCoordinatorClock } from '../../src/worker/coordinator-clock.ts';
import { createOutbox } from '../../src/worker/outbox.ts';
import type { TaskCarrier } from '../../src/worker/report-sender.ts';
import { type SessionEnd, startSession } from '../../src/worker/session.ts';
import { openSpool } from '../../src/worker/spool.ts';
import type { TaskDesk } from '../../src/worker/task-desk.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { linkPair, settle } from '../engine/memory-link.ts';
import { taskIdOf } from '../support/tasks.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tickAt } from './batches.ts';

const ATTEMPT = attemptIdOf(taskIdOf(1), 1);

/** A session over a link in memory, whose other end a test holds. */
function session(tasks: TaskDesk | null = null) {
  const { clock: machine, timers, advance } = fakeTime();
  const [near, far] = Object.values(linkPair());
  const heard: FromAgent[] = [];
  far.onMessage((text: string) => void heard.push(JSON.parse(text) as FromAgent));
  const spool = openSpool({ folder: join(tempFolder(), 'spool'), clock: machine });
  const outbox = createOutbox({ spool, clock: machine, timers });
  const clock = createCoordinatorClock({ machine, sinceBootMs: () => null, differenceMs: 0 });
  const asked: unknown[] = [];
  let health = { spooledBytes: 0, lostTicks: 0 };
  const { handOver } = readLink(near);
  const running = startSession({
    ...{ link: near, handOver, outbox, tasks, clock, machine, timers, health: () => health, onClock: () => undefined },
    onSetLevel: (level) => asked.push(level),
    onRefreshInventory: () => asked.push('inventory'),
    onWatchProcesses: (isWatched) => asked.push(isWatched),
    onUpdate: async ({ version }) => {
      asked.push(version);
      return fail('not-permitted', 'Not here.');
    },
  });
  let end: SessionEnd | null = null;
  void running.ended.then((how) => {
    end = how;
  });
  const of = <Kind extends FromAgent['kind']>(kind: Kind) =>
    heard.filter((message): message is Extract<FromAgent, { kind: Kind }> => message.kind === kind);
  return {
    ...{ outbox, clock, machine, asked, of, running, far },
    end: () => end,
    async says(message: FromCoordinator | { readonly kind: string }) {
      far.send(JSON.stringify(message));
      await settle();
    },
    async passes(ms: number) {
      advance(ms);
      await settle();
    },
    setHealth(next: typeof health) {
      health = next;
    },
  };
}

describe('a session', () => {
  it('hands on a piece of a newer agent, and answers what becomes of it', async () => {
    const { asked, of, says } = session();
    const params = { version: '2.0.0', sha256: 'a'.repeat(64), offset: 0, totalBytes: 1, data: 'eA==' };
    await says({ kind: 'request', id: 7, method: 'update-agent', params });
    expect(asked).toEqual(['2.0.0']);
    expect(of('answer')).toEqual([{ kind: 'answer', id: 7, ...fail('not-permitted', 'Not here.') }]);
    await says({ kind: 'request', id: 8, method: 'update-agent', params: { ...params, sha256: '../../agent' } });
    expect(of('answer').at(-1)).toMatchObject({ id: 8, ok: false, error: { code: 'invalid-argument' } });
    expect(asked).toEqual(['2.0.0']);
  });

  it('asks for the coordinator’s time before it sends anything, a few times in a row, and then now and then', async () => {
    const { outbox, clock, machine, of, says, passes } = session();
    outbox.add(tickAt(0));
    await settle();
    expect(of('delivery')).toEqual([]);
    for (let id = 1; id <= 4; id += 1) {
      expect(of('ping').at(-1)).toEqual({ kind: 'ping', id });
      await passes(2);
      await says({ kind: 'pong', id, atMs: machine.nowMs() - 1 - 5_000 });
      await passes(0);
    }
    expect(clock.differenceMs()).toBe(5_000);
    expect(of('delivery')).toHaveLength(1);
    expect(of('ping')).toHaveLength(4);
    await passes(15_000);
    expect(of('ping')).toHaveLength(5);
  });

  it('sends without knowing the time when nobody tells it within a second', async () => {
    const { outbox, of, passes } = session();
    outbox.add(tickAt(0));
    await passes(1_000);
    expect(of('delivery')).toHaveLength(1);
  });

  it('does what it is asked, and says so', async () => {
    const { asked, of, says } = session();
    await says({ kind: 'request', id: 1, method: 'set-level', params: { level: 'detailed' } });
    await says({ kind: 'request', id: 2, method: 'refresh-inventory', params: {} });
    await says({ kind: 'request', id: 3, method: 'watch-processes', params: { isWatched: true } });
    await says({ kind: 'ping', id: 9 });
    expect(asked).toEqual(['detailed', 'inventory', true]);
    expect(of('answer')).toEqual([1, 2, 3].map((id) => ({ kind: 'answer', id, ok: true, value: null })));
    expect(of('pong')).toMatchObject([{ id: 9 }]);
  });

  it('says what it was asked wrongly, and goes on', async () => {
    const { of, says, end } = session();
    await says({ kind: 'request', id: 4, method: 'set-level', params: { level: 'extreme' } } as never);
    expect(of('answer')).toMatchObject([
      {
        id: 4,
        ok: false,
        error: { code: 'invalid-argument', message: expect.stringContaining('(set-level): level is') },
      },
    ]);
    expect(end()).toBeNull();
  });

  it('of a machine that is only watched runs nothing, and says so', async () => {
    const { of, says } = session();
    await says({ kind: 'request', id: 1, method: 'cancel-attempt', params: { attemptId: ATTEMPT } });
    await says({ kind: 'attempts-taken', taken: [] });
    expect(of('answer')).toMatchObject([{ id: 1, ok: false, error: { code: 'not-permitted' } }]);
    expect(of('attempts')).toEqual([]);
  });

  it('tells of tasks once it knows the time, obeys when it can, and lets go of them with the link', async () => {
    const seen: string[] = [];
    let done: (result: Result<null>) => void = () => undefined;
    const desk = {
      attach(carrier: TaskCarrier) {
        seen.push(`linked, ${carrier.differenceMs()} ms apart`);
        carrier.send({ kind: 'attempts', isAll: true, reports: [] });
      },
      detach: () => void seen.push('unlinked'),
      obey: () => new Promise((resolve) => (done = resolve)),
      taken: () => void seen.push('taken'),
    } as unknown as TaskDesk;
    const { machine, of, says, far } = session(desk);
    expect(seen).toEqual([]);
    await says({ kind: 'request', id: 1, method: 'cancel-attempt', params: { attemptId: ATTEMPT } });
    await says({ kind: 'pong', id: 1, atMs: machine.nowMs() - 700 });
    expect(of('attempts')).toEqual([{ kind: 'attempts', isAll: true, reports: [] }]);
    await says({ kind: 'request', id: 2, method: 'set-level', params: { level: 'basic' } });
    expect(of('answer').map(({ id }) => id)).toEqual([2]);
    done(ok(null));
    await says({ kind: 'attempts-taken', taken: [] });
    expect(of('answer').map(({ id }) => id)).toEqual([2, 1]);
    far.dispose();
    await settle();
    expect(seen).toEqual(['linked, 700 ms apart', 'taken', 'unlinked']);
  });

  it('tells how it is when that changed, and each five seconds at most', async () => {
    const { of, says, passes, setHealth } = session();
    await says({ kind: 'pong', id: 1, atMs: 0 });
    expect(of('health')).toHaveLength(1);
    for (let second = 0; second < 20; second += 1) {
      await passes(1_000);
      await says({ kind: 'ping', id: second + 1 });
    }
    expect(of('health')).toHaveLength(1);
    for (let second = 0; second < 20; second += 1) {
      setHealth({ spooledBytes: second, lostTicks: 1 });
      await passes(1_000);
      await says({ kind: 'ping', id: second + 100 });
    }
    expect(of('health').length).toBeGreaterThanOrEqual(4);
    expect(of('health').length).toBeLessThanOrEqual(5);
  });

  it('asks a silent coordinator for a sign of life, and gives the link up when none comes', async () => {
    const { of, says, passes, end } = session();
    await says({ kind: 'pong', id: 1, atMs: 0 });
    for (let id = 2; id <= 4; id += 1) {
      await passes(0);
      await says({ kind: 'pong', id, atMs: 0 });
    }
    await passes(4_000);
    expect(of('ping')).toHaveLength(4);
    await passes(2_000);
    expect(of('ping')).toHaveLength(5);
    expect(end()).toBeNull();
    await passes(4_000);
    expect(end()).toMatchObject({ kind: 'broken', message: 'The coordinator has been silent for 10 s.' });
  });

  it('lives on when the sign of life comes late, as after a sleep of this machine', async () => {
    const { says, passes, end } = session();
    await passes(9_900);
    await says({ kind: 'pong', id: 1, atMs: 0 });
    await passes(4_000);
    expect(end()).toBeNull();
  });

  it('ends with what the coordinator says, or with what was not understood', async () => {
    const removed = session();
    const refusal = { kind: 'refusal', code: 'removed', message: 'This worker was removed.', isFinal: true } as const;
    await removed.says(refusal);
    expect(removed.end()).toEqual({ kind: 'refused', refusal });
    for (const wrong of [{ kind: 'taken', sequence: 'x' }, { kind: 'welcome' }]) {
      const confused = session();
      await confused.says(wrong);
      expect(confused.end()).toMatchObject({ kind: 'broken' });
    }
    const newer = session();
    await newer.says({ kind: 'a-kind-of-a-later-version' });
    expect(newer.end()).toBeNull();
  });

  it('leaves out processes that would make a message too large, and nothing else', async () => {
    const { outbox, of, says } = session();
    await says({ kind: 'pong', id: 1, atMs: 0 });
    const command = 'x'.repeat(4_096);
    const sample = { pid: 1, name: 'x', user: null, command, cpuCores: 0, memoryBytes: 0 };
    const unknown = { threadCount: null, readBytesPerSecond: null, writeBytesPerSecond: null, gpuMemoryBytes: null };
    const processes = Array.from({ length: 400 }, () => ({ ...sample, ...unknown }));
    outbox.add({ ...tickAt(0), processes: [{ atMs: 0, processCount: 400, processes }] });
    await settle();
    const [delivery] = of('delivery');
    expect(JSON.stringify(delivery).length).toBeLessThan(LIMITS.messageBytes);
    expect(delivery?.batch.ticks).toHaveLength(1);
    expect(delivery?.batch.processes).toEqual([]);
  });

  it('that is closed from here sends nothing more', async () => {
    const { outbox, of, running, end, passes } = session();
    running.close();
    outbox.add(tickAt(0));
    await passes(20_000);
    expect(of('delivery')).toEqual([]);
    expect(end()).not.toBeNull();
  });
});
