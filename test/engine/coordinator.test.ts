/** The coordinator with agents on links in memory: deliveries, reach, requests, trust, and what it does not put up with. */
import { describe, expect, test } from 'vitest';
import type { WorkerId } from '../../src/core/fleet/worker.ts';
import { workerId } from '../../src/core/fleet/worker.ts';
import type { SampleBatch, WorkerEvent } from '../../src/core/metrics/sample.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { ok, type Result } from '../../src/core/result.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { ed25519Key, localWorker } from './fake-fleet.ts';
import { settle } from './memory-link.ts';
import { buildCoordinator, cpuBatch, earlierWorker, type TestAgent } from './test-coordinator.ts';

const START_MS = Date.UTC(2026, 0, 1);

/** A coordinator with one worker that came in by a code; it can come in again. */
async function buildLab(overrides: Parameters<typeof buildCoordinator>[0] = {}) {
  const lab = buildCoordinator(overrides);
  const key = ed25519Key();
  const first = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key });
  const id = first.welcome.workerId;
  const rejoin = () => lab.join({ kind: 'enrolled', workerId: id }, { key });
  const ticksOf = (of: WorkerId = id) =>
    lab.fleet.stored.filter((one) => one.workerId === of).flatMap(({ batch }) => batch.ticks ?? []);
  return { ...lab, key, first, id, rejoin, ticksOf };
}

const takenBy = (agent: TestAgent) =>
  agent.heard.flatMap((message) => (message.kind === 'taken' ? [message.sequence] : []));
const refusalsTo = (agent: TestAgent) => agent.heard.filter((message) => message.kind === 'refusal');
const requestsTo = (agent: TestAgent) => agent.heard.filter((message) => message.kind === 'request');

describe('deliveries', () => {
  test('enter by the one door in order, and are acknowledged', async () => {
    const lab = await buildLab();
    for (let second = 0; second < 3; second += 1) {
      await lab.first.deliver(cpuBatch(lab.clock.nowMs(), second / 10));
      await lab.pass(1_000);
    }
    expect(lab.ticksOf().map(({ values }) => values[0])).toEqual([0, 0.1, 0.2]);
    expect(takenBy(lab.first)).toEqual([1, 2, 3]);
    expect(lab.viewOf(lab.id)).toMatchObject({ link: 'online', figures: { cpuUtilization: 0.2 } });
  });

  test('of the past are stored and change nothing that is live, also where nothing live is known yet', async () => {
    const lab = await buildLab();
    const batches: SampleBatch[] = [];
    lab.monitor.onBatch((_id, batch) => batches.push(batch));
    await lab.first.deliver(cpuBatch(lab.clock.nowMs() - 60_000, 0.9), true);
    expect(lab.viewOf(lab.id)).toMatchObject({ lastSampleAtMs: null, figures: { cpuUtilization: null } });
    await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.1));
    await lab.first.deliver(cpuBatch(lab.clock.nowMs() - 30_000, 0.8), true);
    expect(lab.viewOf(lab.id)?.figures.cpuUtilization).toBe(0.1);
    expect(lab.ticksOf()).toHaveLength(3);
    expect(batches).toHaveLength(1);
  });

  test.each([
    ['out of order', { kind: 'delivery', sequence: 7, isLate: false, batch: {} }],
    [
      'with a layout that nobody named',
      { kind: 'delivery', sequence: 1, isLate: false, batch: { ticks: [[1, 9, [1]]] } },
    ],
    ['that are none', { kind: 'delivery', sequence: 1, isLate: false, batch: 7 }],
    ['in words out of turn', { kind: 'hello', protocol: { major: 1, minor: 0 }, agentVersion: '', nonce: '' }],
  ])('%s cost the link and nothing else: the agent is told why and may come again', async (_what, message) => {
    const lab = await buildLab();
    const other = await lab.join({ kind: 'invited', secret: await lab.invite() }, { name: 'rig-04' });
    await lab.first.sendText(JSON.stringify(message));
    expect(refusalsTo(lab.first)).toMatchObject([{ code: 'unavailable', isFinal: false }]);
    expect(lab.first.link.isEnded()).toBe(true);
    expect(lab.logged.at(-1)).toMatch(/A worker’s link ended.*rig-03/);
    const again = await lab.rejoin();
    for (const agent of [again, other]) {
      await agent.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
      expect(takenBy(agent)).toEqual([1]);
    }
  });

  test('with times that cannot be true are left out, and the history says how many', async () => {
    const lab = await buildLab();
    await lab.first.deliver({
      ticks: [...cpuBatch(lab.clock.nowMs() + 3_600_000, 0.5).ticks!, ...cpuBatch(lab.clock.nowMs(), 0.25).ticks!],
    });
    await lab.first.deliver(cpuBatch(0, 0.5), true);
    await lab.pass(500);
    expect(lab.ticksOf()).toHaveLength(1);
    expect(messagesOf(lab, 'samples-lost')).toEqual([
      '2 readings were left out: their time is in the future or over 400 days ago. Check this machine’s clock.',
    ]);
  });

  test('with events and inventories without end leave a bounded number of them', async () => {
    const lab = await buildLab();
    const events = Array.from({ length: 500 }, (_, index) => ({
      atMs: lab.clock.nowMs(),
      kind: 'started' as const,
      message: `Started ${index}.`,
    }));
    for (let round = 0; round < 10; round += 1) await lab.first.deliver({ events });
    expect(lab.eventsOf(lab.id).filter((kind) => kind === 'started')).toHaveLength(200);
    for (let second = 0; second < 60; second += 20) {
      await lab.pass(20_000);
      await lab.first.send({ kind: 'pong', id: 1, atMs: 0 });
    }
    await lab.first.deliver({ events });
    expect(lab.eventsOf(lab.id).filter((kind) => kind === 'started')).toHaveLength(206);
  });

  test('with series without end leave a bounded number of them, said once in the log', async () => {
    const lab = await buildLab();
    for (let round = 0; round < 3; round += 1) {
      const seriesKeys = Array.from({ length: 2_500 }, (_, index) =>
        seriesKey('system.disk.io', { 'system.device': `d${round * 2_500 + index}` }),
      );
      const values = new Float64Array(2_500).fill(1);
      await lab.first.deliver({ ticks: [{ atMs: lab.clock.nowMs(), seriesKeys, values }] });
    }
    expect(new Set(lab.ticksOf().flatMap(({ seriesKeys }) => seriesKeys)).size).toBe(LIMITS.seriesPerWorker);
    expect(lab.logged.filter((line) => line.includes('series that are not kept'))).toHaveLength(1);
  });
});

describe('reach', () => {
  test('a worker whose link ends is unreachable after 5 s, lost after the limit, and back with its next link', async () => {
    const lab = await buildLab();
    await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
    lab.first.link.breakOff();
    await settle();
    await lab.pass(4_500);
    expect(lab.viewOf(lab.id)?.link).not.toBe('unreachable');
    await lab.pass(500);
    expect(lab.viewOf(lab.id)).toMatchObject({ link: 'unreachable', awaySinceMs: START_MS });
    await lab.pass(115_500, 5_000);
    expect(lab.viewOf(lab.id)).toMatchObject({ link: 'lost', awaySinceMs: START_MS });
    await lab.rejoin();
    expect(lab.viewOf(lab.id)).toMatchObject({ link: 'online', awaySinceMs: null });
    expect(lab.eventsOf(lab.id)).toEqual(['paired', 'unreachable', 'lost', 'back']);
    expect(messagesOf(lab, 'back')).toEqual(['Back in reach after 2 min.']);
    expect(lab.patches.at(-1)?.changed.map(({ workerId: changed }) => changed)).toContain(lab.id);
  });

  test('a worker that comes back within the grace leaves no event, however often', async () => {
    const lab = await buildLab();
    for (let round = 0; round < 5; round += 1) {
      const agent = await lab.rejoin();
      agent.link.breakOff();
      await lab.pass(4_500);
    }
    expect(lab.eventsOf(lab.id)).toEqual(['paired']);
  });

  test('a silent worker is asked for a sign of life, and stays online as long as it gives one', async () => {
    const lab = await buildLab();
    await lab.pass(10_000);
    const pings = lab.first.heard.filter(({ kind }) => kind === 'ping');
    expect(pings).toHaveLength(5);
    expect(lab.viewOf(lab.id)?.link).toBe('unreachable');
    await lab.first.send({ kind: 'pong', id: 4, atMs: lab.clock.nowMs() });
    expect(lab.viewOf(lab.id)?.link).not.toBe('unreachable');
  });

  test('a worker that delivers each second is never asked', async () => {
    const lab = await buildLab();
    for (let second = 0; second < 10; second += 1) {
      await lab.pass(1_000);
      await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
    }
    expect(lab.first.heard.filter(({ kind }) => kind === 'ping')).toEqual([]);
  });

  test('a link on which nothing is heard any more is given up', async () => {
    const lab = await buildLab();
    lab.first.link.cutWire();
    await lab.pass(31_000);
    expect(lab.first.coordinatorEnd.isEnded()).toBe(true);
    expect(lab.eventsOf(lab.id)).toEqual(['paired', 'unreachable']);
  });

  test('a second link of a worker takes the place of the first, without an outage', async () => {
    const lab = await buildLab();
    const second = await lab.rejoin();
    expect(lab.first.link.isEnded()).toBe(true);
    await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.1));
    await second.deliver(cpuBatch(lab.clock.nowMs(), 0.2));
    expect(lab.ticksOf().map(({ values }) => values[0])).toEqual([0.2]);
    await lab.pass(4_000);
    expect(lab.eventsOf(lab.id)).toEqual(['paired']);
  });

  test.each([
    ['its machine slept', (lab: Awaited<ReturnType<typeof buildLab>>) => lab.sleep(8 * 3_600_000)],
    ['its process stood still', (lab: Awaited<ReturnType<typeof buildLab>>) => lab.standStill(600_000)],
  ])('nobody is away because the coordinator was: %s', async (_what, leave) => {
    const lab = await buildLab();
    lab.first.link.breakOff();
    await lab.pass(4_000);
    leave(lab);
    await lab.pass(4_500);
    await lab.rejoin();
    await lab.pass(3_000);
    expect(lab.eventsOf(lab.id)).toEqual(['paired']);
    expect(lab.viewOf(lab.id)?.link).not.toBe('lost');
  });

  test('nobody elsewhere becomes lost while this machine has no network; who is on this machine does', async () => {
    const lab = await buildLab({ hasNetwork: () => false });
    const here = await lab.join(
      { kind: 'invited', secret: await lab.invite() },
      { name: 'here', address: '127.0.0.1' },
    );
    lab.first.link.breakOff();
    here.link.breakOff();
    await lab.pass(200_000, 5_000);
    expect(lab.viewOf(lab.id)?.link).toBe('unreachable');
    expect(lab.viewOf(here.welcome.workerId)?.link).toBe('lost');
  });

  test('after a start, workers of before are stale, then unreachable since they were last heard, without an event', async () => {
    const seenAtMs = START_MS - 86_400_000;
    const lab = buildCoordinator({ workers: [localWorker, earlierWorker('rig-07', ed25519Key(), seenAtMs)] });
    const id = workerId('id-of-rig-07');
    expect(lab.viewOf(id)).toMatchObject({ link: 'stale', remote: { address: '192.168.1.20', pairedAtMs: seenAtMs } });
    await lab.pass(5_000);
    expect(lab.viewOf(id)).toMatchObject({ link: 'unreachable', awaySinceMs: seenAtMs });
    expect(lab.eventsOf(id)).toEqual([]);
    expect(lab.viewOf(localWorker.workerId)?.link).toBe('online');
  });
});

describe('what an agent tells of itself', () => {
  test('is shown: clock difference, what waits in its spool, what it had to give up', async () => {
    const lab = await buildLab();
    await lab.first.send({ kind: 'health', clockDifferenceMs: -42, spooledBytes: 4_096, lostTicks: 7 });
    expect(lab.viewOf(lab.id)?.remote).toMatchObject({ clockDifferenceMs: -42, spooledBytes: 4_096, lostTicks: 7 });
  });

  test('losses are added up over restarts of the agent, and told in the history now and then', async () => {
    const lab = await buildLab();
    const health = (lostTicks: number) =>
      ({ kind: 'health', clockDifferenceMs: 0, spooledBytes: 0, lostTicks }) as const;
    for (const lostTicks of [0, 100, 250]) {
      await lab.first.send(health(lostTicks));
      await lab.pass(500);
    }
    const again = await lab.rejoin();
    await again.send(health(30));
    expect(lab.viewOf(lab.id)?.remote?.lostTicks).toBe(280);
    expect(messagesOf(lab, 'samples-lost')).toEqual(['100 readings were lost: the agent’s spool was full.']);
    await lab.pass(600_000, 10_000);
    expect(messagesOf(lab, 'samples-lost')).toEqual([
      '100 readings were lost: the agent’s spool was full.',
      '180 readings were lost: the agent’s spool was full.',
    ]);
  });

  test('a ping is answered at once with the coordinator’s time', async () => {
    const lab = await buildLab();
    await lab.first.send({ kind: 'ping', id: 9 });
    expect(lab.first.heard).toEqual([{ kind: 'pong', id: 9, atMs: lab.clock.nowMs() }]);
  });
});

describe('requests', () => {
  test('a level reaches a linked worker, is shown and told in the history', async () => {
    const lab = await buildLab();
    const setting = lab.coordinator.setLevel(lab.id, 'detailed');
    await settle();
    const [request] = requestsTo(lab.first);
    expect(request).toMatchObject({ method: 'set-level', params: { level: 'detailed' } });
    await lab.first.send({ kind: 'answer', id: request!.id, ok: true, value: null });
    expect(await setting).toEqual({ ok: true, value: null });
    expect(lab.viewOf(lab.id)?.level).toBe('detailed');
    expect(lab.eventsOf(lab.id)).toEqual(['paired', 'level-changed']);
  });

  test('a level for a worker out of reach is kept and given to it with its next welcome', async () => {
    const lab = await buildLab();
    lab.first.link.breakOff();
    await settle();
    expect(await lab.coordinator.setLevel(lab.id, 'basic')).toEqual({ ok: true, value: null });
    expect((await lab.rejoin()).welcome.level).toBe('basic');
  });

  test('what an agent refuses or leaves unanswered comes back as a sentence, in time', async () => {
    const lab = await buildLab();
    const refused = lab.coordinator.refreshInventory(lab.id);
    await settle();
    const error = { code: 'unavailable', message: 'It is being read already.' } as const;
    await lab.first.send({ kind: 'answer', id: requestsTo(lab.first)[0]!.id, ok: false, error });
    expect(await refused).toEqual({ ok: false, error });
    const unanswered = lab.coordinator.refreshInventory(lab.id);
    await lab.pass(LIMITS.requestMs);
    expect(await unanswered).toMatchObject({ ok: false, error: { code: 'timeout' } });
    const cut = lab.coordinator.refreshInventory(lab.id);
    lab.first.link.breakOff();
    expect(await cut).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    expect(await lab.coordinator.refreshInventory(lab.id)).toEqual({
      ok: false,
      error: { code: 'unavailable', message: 'rig-03 cannot be reached now.' },
    });
  });

  test('an answer to a question that nobody asked changes nothing', async () => {
    const lab = await buildLab();
    await lab.first.send({ kind: 'answer', id: 99, ok: true, value: null });
    expect(lab.first.link.isEnded()).toBe(false);
  });

  test('process snapshots are asked for while somebody looks, also over a new link', async () => {
    const lab = await buildLab();
    lab.coordinator.watchProcesses(lab.id);
    lab.coordinator.watchProcesses(lab.id);
    await settle();
    const again = await lab.rejoin();
    lab.coordinator.watchProcesses(null);
    await settle();
    const watchOf = (agent: TestAgent) =>
      requestsTo(agent).flatMap(({ method, params }) => (method === 'watch-processes' ? [params] : []));
    expect(watchOf(lab.first)).toEqual([{ isWatched: true }]);
    expect(watchOf(again)).toEqual([{ isWatched: true }, { isWatched: false }]);
  });

  test('about the local worker, or one that is not enrolled, are not the coordinator’s', async () => {
    const lab = await buildLab();
    for (const id of [localWorker.workerId, workerId('nobody')]) {
      const answers = await Promise.all([
        lab.coordinator.setLevel(id, 'basic'),
        lab.coordinator.refreshInventory(id),
        lab.coordinator.rename(id, 'x'),
        lab.coordinator.remove(id),
      ]);
      for (const answer of answers) expect(answer).toMatchObject({ ok: false, error: { code: 'not-found' } });
      lab.coordinator.watchProcesses(id);
    }
  });
});

describe('trust', () => {
  test('a new name is kept, shown and told in the history', async () => {
    const lab = await buildLab();
    expect(await lab.coordinator.rename(lab.id, 'gpu-box')).toEqual({ ok: true, value: null });
    expect(lab.viewOf(lab.id)?.name).toBe('gpu-box');
    expect(messagesOf(lab, 'renamed')).toEqual(['Renamed from rig-03 to gpu-box.']);
    expect((await lab.rejoin()).welcome.name).toBe('gpu-box');
  });

  test('a removed worker is told so, goes from the fleet, and nothing of it is taken any more', async () => {
    const lab = await buildLab();
    const removed = lab.coordinator.remove(lab.id);
    await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
    expect(await removed).toEqual({ ok: true, value: null });
    await settle();
    expect(refusalsTo(lab.first)).toMatchObject([{ code: 'removed', isFinal: true }]);
    expect(lab.first.link.isEnded()).toBe(true);
    expect(lab.viewOf(lab.id)).toBeUndefined();
    await lab.pass(500);
    expect(lab.patches.flatMap((patch) => patch.removed)).toEqual([lab.id]);
    await lab.first.sendText('{"kind":"leaving"}');
    await lab.pass(200_000, 5_000);
  });

  test('a worker that leaves ends the trust itself', async () => {
    const lab = await buildLab();
    await lab.first.send({ kind: 'leaving' });
    expect(refusalsTo(lab.first)).toMatchObject([{ code: 'removed', isFinal: true }]);
    expect(lab.viewOf(lab.id)).toBeUndefined();
    expect(lab.fleet.workers.has(lab.id)).toBe(false);
  });

  test('a worker removed while its level is being kept is left alone', async () => {
    const lab = await buildLab();
    const [, level, name] = await Promise.all([
      lab.coordinator.remove(lab.id),
      lab.coordinator.setLevel(lab.id, 'basic'),
      lab.coordinator.rename(lab.id, 'gpu-box'),
    ]);
    expect([level.ok, name.ok]).toEqual([false, false]);
  });

  test('an answer of the store that comes after the removal finds nobody', async () => {
    const lab = await buildLab();
    const kept = Promise.withResolvers<Result<null>>();
    lab.fleet.store.saveWorkerLevel = () => kept.promise;
    const level = lab.coordinator.setLevel(lab.id, 'basic');
    await lab.coordinator.remove(lab.id);
    kept.resolve(ok(null));
    expect(await level).toEqual(ok(null));
    expect(lab.viewOf(lab.id)).toBeUndefined();
  });
});

describe('a flood', () => {
  const ping = '{"kind":"ping","id":1}';

  test('is read more slowly, and everything of it is answered in the end', async () => {
    const lab = await buildLab();
    for (let sent = 0; sent < LIMITS.messagesAtOnce + 100; sent += 1) lab.first.link.send(ping);
    await settle();
    expect(lab.first.coordinatorEnd.isPaused()).toBe(true);
    await lab.pass(10_000, 20);
    expect(lab.first.heard.filter(({ kind }) => kind === 'pong')).toHaveLength(LIMITS.messagesAtOnce + 100);
    expect(lab.first.link.isEnded()).toBe(false);
  });

  test('that goes on although nobody reads it ends the link', async () => {
    const lab = await buildLab();
    lab.first.coordinatorEnd.setPaused = () => {};
    for (let sent = 0; sent < 10 * LIMITS.messagesAtOnce; sent += 1) lab.first.link.send(ping);
    await settle();
    await lab.pass(500);
    expect(lab.first.link.isEnded()).toBe(true);
    expect(refusalsTo(lab.first)).toMatchObject([{ message: 'The agent sends faster than a link may.' }]);
  });

  test('of bytes is held to the agreed pace as well', async () => {
    const lab = await buildLab();
    const large = JSON.stringify({ kind: 'new-kind', text: 'x'.repeat(1_000_000) });
    for (let sent = 0; sent < 20; sent += 1) lab.first.link.send(large);
    await settle();
    expect(lab.first.coordinatorEnd.isPaused()).toBe(true);
    await lab.pass(2_000, 100);
    expect(lab.first.coordinatorEnd.isPaused()).toBe(false);
  });

  test('of questions without reading the answers ends the link', async () => {
    const lab = await buildLab();
    lab.first.coordinatorEnd.unsentBytes = () => LIMITS.messageBytes + 1;
    await lab.first.sendText(ping);
    expect(lab.first.link.isEnded()).toBe(true);
  });
});

test('a coordinator that ends closes every link, keeps when each worker was last seen, and leaves no timer', async () => {
  const lab = await buildLab();
  const { coordinatorEnd } = await lab.dial({ kind: 'enrolled', workerId: lab.id }, { key: lab.key });
  await lab.pass(3_000);
  await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.5));
  await lab.coordinator.dispose();
  lab.monitor.dispose();
  await settle();
  expect([lab.first.link.isEnded(), coordinatorEnd.isEnded()]).toEqual([true, true]);
  expect(lab.fleet.workers.get(lab.id)?.remote?.lastSeen?.atMs).toBe(START_MS);
  expect(lab.pending()).toBe(0);
});

function messagesOf(
  lab: { readonly fleet: { readonly stored: readonly { readonly batch: SampleBatch }[] } },
  kind: WorkerEvent['kind'],
): readonly string[] {
  const events = lab.fleet.stored.flatMap(({ batch }) => batch.events ?? []);
  return events.filter((event) => event.kind === kind).map(({ message }) => message);
}
