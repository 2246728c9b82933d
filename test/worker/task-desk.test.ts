import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ok } from '../../src/core/result.ts';
import type { AttemptOrder, AttemptReport } from '../../src/core/tasks/attempt.ts';
import { type AttemptId, attemptIdOf } from '../../src/core/tasks/task.ts';
import type { TaskTerms } from '../../src/core/tasks/terms.ts';
import type { AgentRequestName, AgentRequests, AttemptReports } from '../../src/shared/protocol/contract.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { parseFromAgent } from '../../src/shared/protocol/schemas.ts';
import type { TaskCarrier } from '../../src/worker/report-sender.ts';
import { openTaskDesk } from '../../src/worker/task-desk.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { settle } from '../engine/memory-link.ts';
import { anEnd, aReport, aUsage, taskIdOf } from '../support/tasks.ts';
import { type FakeHost, fakeHost } from './fake-host.ts';

const ANYTHING: TaskTerms = { maxParallel: null, programs: null, asUser: null };
const idOf = (number: number) => attemptIdOf(taskIdOf(number), 1);

function orderOf(number: number): AttemptOrder {
  return {
    ...{ attemptId: idOf(number), taskId: taskIdOf(number), name: `task-${number}`, command: ['/bin/true'], cwd: null },
    ...{ env: {}, stdin: null, files: [], fetch: [], fileLimitBytes: 1, gpuIndexes: [], timeoutMs: null },
    ...{ graceMs: 1_000, outputLimitBytes: 1_000 },
  };
}

/** A link that notes what it carries, and checks it as a coordinator would. */
class Link implements TaskCarrier {
  readonly sent: Parameters<TaskCarrier['send']>[0][] = [];
  waitingBytes = 0;
  clockDifferenceMs = 0;

  send(message: Parameters<TaskCarrier['send']>[0]): void {
    const text = JSON.stringify(message);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(LIMITS.messageBytes);
    expect(parseFromAgent(text)).toEqual({ ok: true, value: message });
    this.sent.push(message);
  }

  unsentBytes(): number {
    return this.waitingBytes;
  }

  differenceMs(): number {
    return this.clockDifferenceMs;
  }

  reports(): readonly AttemptReports[] {
    return this.sent.filter((message) => message.kind === 'attempts');
  }

  /** The newest that was told of each attempt. */
  told(): Map<AttemptId, AttemptReport> {
    return new Map(this.reports().flatMap(({ reports }) => reports.map((report) => [report.attemptId, report])));
  }
}

interface Choices {
  readonly terms?: TaskTerms | null;
  readonly held?: readonly AttemptReport[];
  readonly isObedient?: boolean;
}

async function deskWith({ terms = ANYTHING, held = [], isObedient = true }: Choices = {}) {
  const time = fakeTime();
  let host: FakeHost | null = null;
  const opened = await openTaskDesk({
    folder: '/nowhere',
    terms,
    ...{ clock: time.clock, timers: time.timers, log: { info() {}, warn() {}, error() {} } },
    async openHost(options) {
      host = fakeHost(options, held, isObedient);
      return ok(host);
    },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const desk = opened.value;
  return {
    ...{ desk, host: host! as FakeHost, time },
    ask: <Name extends AgentRequestName>(method: Name, params: AgentRequests[Name]['params']) =>
      desk.obey({ kind: 'request', id: 1, method, params }),
    async passes(ms: number) {
      await settle();
      time.advance(ms);
      await settle();
    },
  };
}

const taken = (...reports: readonly AttemptReport[]) => ({
  kind: 'attempts-taken' as const,
  taken: reports.map(({ attemptId, version }) => ({ attemptId, version })),
});

describe('the desk of a worker’s tasks', () => {
  it('answers an order when it is on disk, and not before', async () => {
    const { host, ask } = await deskWith();
    const letGo = host.holdDisk();
    let answer: unknown = null;
    void ask('start-attempts', { orders: [orderOf(1), orderOf(2)] }).then((result) => {
      answer = result;
    });
    await settle();
    expect(answer).toBeNull();
    letGo();
    await settle();
    expect(answer).toEqual({ ok: true, value: null });
    expect(host.started.map(({ name }) => name)).toEqual(['task-1', 'task-2']);
  });

  it('says why it takes no order: what the owner does not allow, and more than it may hold', async () => {
    const strict = await deskWith({ terms: { ...ANYTHING, programs: ['pytest'] } });
    expect(await strict.ask('start-attempts', { orders: [orderOf(1)] })).toMatchObject({
      error: { code: 'not-permitted', message: expect.stringContaining('/bin/true') },
    });
    const closed = await deskWith({ terms: null, held: [aReport({ state: 'running' })] });
    expect(await closed.ask('start-attempts', { orders: [orderOf(2)] })).toMatchObject({
      error: { code: 'not-permitted', message: expect.stringContaining('no tasks') },
    });
    const held = Array.from({ length: LIMITS.attemptsPerMessage }, (_, index) =>
      aReport({ attemptId: idOf(index + 1) }),
    );
    const full = await deskWith({ held });
    expect(await full.ask('start-attempts', { orders: [orderOf(5_000)] })).toMatchObject({
      error: { code: 'unavailable' },
    });
    expect(full.host.started).toEqual([]);
  });

  it('brings files and reads what attempts made', async () => {
    const { host, ask } = await deskWith({ held: [aReport()] });
    const sums = ['aa'.repeat(32), 'bb'.repeat(32)];
    expect(await ask('missing-files', { sha256: sums })).toEqual({ ok: true, value: { missing: [sums[1]] } });
    const data = Buffer.from('hello').toString('base64');
    await ask('bring-file', { sha256: sums[1]!, offset: 7, totalBytes: 12, data });
    expect(host.brought).toEqual([{ sha256: sums[1], offset: 7, bytes: Buffer.from('hello') }]);
    const piece = { ok: true, value: { fromOffset: 4, data: 'AAAA', totalBytes: 7 } };
    expect(await ask('read-output', { attemptId: idOf(1), offset: 4 })).toEqual(piece);
    expect(await ask('read-file', { attemptId: idOf(1), path: 'x', offset: 4 })).toEqual(piece);
    expect(await ask('read-output', { attemptId: idOf(9), offset: 0 })).toMatchObject({ error: { code: 'not-found' } });
  });

  it('ends an attempt, also one that is just being begun; of one that never came it says that it is cancelled', async () => {
    const { desk, host, ask, passes } = await deskWith({ held: [aReport({ state: 'running' })] });
    const link = new Link();
    desk.attach(link);
    await ask('cancel-attempt', { attemptId: idOf(1) });
    const letGo = host.holdDisk();
    const starting = ask('start-attempts', { orders: [orderOf(2)] });
    const cancelling = ask('cancel-attempt', { attemptId: idOf(2) });
    letGo();
    await Promise.all([starting, cancelling]);
    await ask('cancel-attempt', { attemptId: idOf(3) });
    await passes(10);
    expect(host.cancelled).toEqual([idOf(1), idOf(2)]);
    for (const number of [1, 2, 3])
      expect(link.told().get(idOf(number))).toMatchObject({ state: 'ended', end: { how: 'cancelled' } });
  });

  it('tells on each link first what it holds, all of it, even if that is nothing', async () => {
    const { desk, host } = await deskWith();
    const [first, second] = [new Link(), new Link()];
    desk.attach(first);
    expect(first.sent).toEqual([{ kind: 'attempts', isAll: true, reports: [] }]);
    desk.detach();
    host.moves(aReport({ state: 'running' }));
    desk.attach(second);
    expect(second.sent).toEqual([{ kind: 'attempts', isAll: true, reports: [aReport({ state: 'running' })] }]);
    expect(first.sent).toHaveLength(1);
  });

  it('tells ends at once and together, and keeps back what a short task goes through before', async () => {
    const { desk, host, passes } = await deskWith();
    const link = new Link();
    desk.attach(link);
    for (const number of [1, 2, 3]) host.moves(aReport({ attemptId: idOf(number), state: 'accepted' }));
    host.moves(aReport({ attemptId: idOf(1), state: 'running' }));
    await passes(24);
    expect(link.reports()).toHaveLength(1);
    for (const number of [1, 2]) host.moves(aReport({ attemptId: idOf(number) }));
    await passes(0);
    const ended = { state: 'ended' };
    expect(link.reports().slice(1)).toMatchObject([{ isAll: false, reports: [ended, ended] }]);
    await passes(1);
    expect(link.reports().slice(2)).toMatchObject([{ isAll: false, reports: [{ attemptId: idOf(3) }] }]);
    await passes(100);
    expect(link.reports()).toHaveLength(3);
  });

  it('keeps what was not taken for the next link, and a word about what it never had', async () => {
    const { desk, host, ask, passes } = await deskWith();
    const first = new Link();
    desk.attach(first);
    await ask('cancel-attempt', { attemptId: idOf(7) });
    host.moves(aReport({ attemptId: idOf(1) }));
    await passes(10);
    expect(desk.load()).toEqual({ running: 0, untaken: 2, held: 1 });
    desk.detach();
    const second = new Link();
    desk.attach(second);
    await passes(10);
    expect([...second.told().keys()].sort()).toEqual([idOf(1), idOf(7)]);
    desk.taken(taken({ ...aReport(), version: 2 }));
    expect(desk.load().untaken).toBe(2);
    desk.taken(taken(...second.told().values()));
    expect(desk.load()).toEqual({ running: 0, untaken: 0, held: 1 });
    await ask('forget-attempts', { attemptIds: [idOf(1), idOf(7)] });
    const third = new Link();
    desk.attach(third);
    await passes(10);
    expect(third.sent).toEqual([{ kind: 'attempts', isAll: true, reports: [] }]);
  });

  it('tells times by the coordinator’s clock', async () => {
    const { desk, host, passes } = await deskWith();
    const link = new Link();
    link.clockDifferenceMs = 60_000.4;
    desk.attach(link);
    const report = aReport();
    host.moves(report);
    await passes(10);
    expect(link.told().get(idOf(1))).toMatchObject({
      startedAtMs: report.startedAtMs! - 60_000,
      endedAtMs: report.endedAtMs! - 60_000,
    });
  });

  it('on a slow link, gives up pulses and no report', async () => {
    const { desk, host, passes } = await deskWith();
    const link = new Link();
    desk.attach(link);
    link.waitingBytes = 1024 * 1024;
    const pulse = {
      attemptId: idOf(1),
      cores: 1,
      memoryBytes: 1,
      gpuMemoryBytes: null,
      usage: aUsage(),
      outputBytes: 1,
    };
    host.options.onPulses([pulse]);
    host.moves(aReport({ state: 'running' }));
    host.moves(aReport());
    await passes(1_000);
    expect(link.sent).toHaveLength(1);
    link.waitingBytes = 0;
    host.options.onPulses([pulse]);
    await passes(1_000);
    expect(link.sent.slice(1)).toEqual([
      { kind: 'pulses', pulses: [pulse] },
      { kind: 'attempts', isAll: false, reports: [aReport()] },
    ]);
    const many = Array.from({ length: 2_000 }, (_, index) => ({ ...pulse, attemptId: idOf(index + 1) }));
    host.options.onPulses(many);
    const later = link.sent.slice(3).flatMap((message) => (message.kind === 'pulses' ? message.pulses : []));
    expect(later).toEqual(many);
  });

  it('names all that it holds in one message, however much that is, and tells the rest behind it', async () => {
    const files = Array.from({ length: 50 }, (_, file) => ({ path: `out/${file}`, bytes: 1, sha256: 'ab'.repeat(32) }));
    const held = Array.from({ length: LIMITS.attemptsPerMessage }, (_, index) =>
      aReport({ attemptId: idOf(index + 1), end: anEnd({ files }), usage: aUsage() }),
    );
    const { desk, passes } = await deskWith({ held });
    const link = new Link();
    desk.attach(link);
    expect(link.reports()).toMatchObject([{ isAll: true }]);
    expect(link.reports()[0]?.reports.map(({ attemptId }) => attemptId)).toEqual(
      held.map(({ attemptId }) => attemptId),
    );
    await passes(10_000);
    expect([...link.told().values()]).toEqual(held);
    expect(link.reports().filter(({ isAll }) => isAll)).toHaveLength(1);
  });

  it('leaves out files that no coordinator would take, and says so', async () => {
    const files = [
      ...['good', 'a\\b', `${'long/'.repeat(200)}x`].map((path) => ({ path, bytes: 1, sha256: 'ab'.repeat(32) })),
      ...Array.from({ length: 2_000 }, (_, at) => ({ path: `many\u0001/${at}`, bytes: 1, sha256: 'ab'.repeat(32) })),
    ];
    const { desk, host, passes } = await deskWith();
    const link = new Link();
    desk.attach(link);
    host.moves(aReport({ end: anEnd({ files, filesLeft: ['big.bin is larger than 256 MiB.'] }) }));
    await passes(10);
    const end = link.told().get(idOf(1))?.end;
    expect(end?.files).toHaveLength(LIMITS.filesPerAttempt);
    expect(end?.files[0]?.path).toBe('good');
    expect(end?.filesLeft[0]).toBe('a\\b has a name that other systems may misread.');
    expect(end?.filesLeft).toHaveLength(100);
    expect(end?.filesLeft.at(-1)).toMatch(/^And \d+ more\.$/);
  });

  it('cuts what an end says to what a message takes, however much it is and however it is written', async () => {
    const long = '\u0001'.repeat(4_000);
    const files = Array.from({ length: 1_000 }, (_, at) => ({
      path: `${'\u0001'.repeat(60)}${at}`,
      bytes: Number.MAX_SAFE_INTEGER,
      sha256: 'ab'.repeat(32),
    }));
    const filesLeft = Array.from({ length: 100 }, () => long);
    const { desk, host, passes } = await deskWith();
    const link = new Link();
    desk.attach(link);
    host.moves(aReport({ end: anEnd({ message: `${'x'.repeat(499)}🦊`, files, filesLeft }), usage: aUsage() }));
    await passes(10);
    const end = link.told().get(idOf(1))?.end;
    expect(end?.filesLeft).toEqual(Array.from({ length: 100 }, () => long.slice(0, 500)));
    expect(end?.message).toBe(`${'x'.repeat(499)}\ufffd`);
  });

  it('ends all that runs when the trust ends, and forgets it', async () => {
    const held = [aReport({ attemptId: idOf(1), state: 'running' }), aReport({ attemptId: idOf(2) })];
    const { desk, host } = await deskWith({ held });
    expect(await desk.endAll()).toBe(true);
    expect(host.cancelled).toEqual([idOf(1)]);
    expect(desk.load().held).toBe(0);
    const stubborn = await deskWith({ held, isObedient: false });
    let isEnded: boolean | null = null;
    void stubborn.desk.endAll().then((result) => {
      isEnded = result;
    });
    for (let step = 0; step < 500; step += 1) await stubborn.passes(50);
    expect(isEnded).toBe(false);
    expect(stubborn.desk.load()).toMatchObject({ running: 1, held: 1 });
  });
});

describe('whatever happens to links', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('move' as const), number: fc.integer({ min: 1, max: 5 }) }),
    fc.constant({ kind: 'attach' as const }),
    fc.constant({ kind: 'detach' as const }),
    fc.record({ kind: fc.constant('slow' as const), isSlow: fc.boolean() }),
    fc.constant({ kind: 'take' as const }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 200 }) }),
  );

  it('the newest state of every attempt gets there in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { desk, host, time } = await deskWith();
        const newest = new Map<AttemptId, AttemptReport>();
        let link = new Link();
        const stored = new Map<AttemptId, AttemptReport>();
        const take = () => {
          for (const [attemptId, report] of link.told()) stored.set(attemptId, report);
          desk.taken(taken(...link.told().values()));
        };
        for (const one of steps) {
          if (one.kind === 'move') {
            const attemptId = idOf(one.number);
            const version = (newest.get(attemptId)?.version ?? 0) + 1;
            const report = aReport({ attemptId, version, state: version > 2 ? 'ended' : 'running' });
            newest.set(attemptId, report);
            host.moves(report);
          } else if (one.kind === 'attach') {
            link = new Link();
            desk.attach(link);
          } else if (one.kind === 'detach') desk.detach();
          else if (one.kind === 'slow') link.waitingBytes = one.isSlow ? 1024 * 1024 : 0;
          else if (one.kind === 'take') take();
          else time.advance(one.ms);
        }
        link = new Link();
        desk.attach(link);
        time.advance(1_000);
        take();
        expect(new Map([...stored].sort())).toEqual(new Map([...newest].sort()));
        expect(desk.load().untaken).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
