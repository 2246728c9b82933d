/** What the coordinator passes on for tasks: links, reports and losses of workers, the local agent, and who takes new tasks. */
import { describe, expect, test } from 'vitest';
import type { AttemptReport } from '../../src/core/tasks/attempt.ts';
import type { AttemptId } from '../../src/core/tasks/task.ts';
import type { TaskTerms } from '../../src/core/tasks/terms.ts';
import type { EnrolledWorker } from '../../src/engine/ports.ts';
import { toBase64Url } from '../../src/shared/protocol/base64url.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { ed25519Key, localWorker } from './fake-fleet.ts';
import { settle } from './memory-link.ts';
import { buildCoordinator, cpuBatch, earlierWorker, succeeded, type TestAgent } from './test-coordinator.ts';

const TERMS: TaskTerms = { maxParallel: 2, programs: ['pytest'], asUser: null };

const report: AttemptReport = {
  attemptId: '0123456789.1' as AttemptId,
  version: 3,
  state: 'running',
  startedAtMs: 1,
  endedAtMs: null,
  end: null,
  usage: null,
};

async function buildLab() {
  const lab = buildCoordinator();
  const key = ed25519Key();
  const first = await lab.join({ kind: 'invited', secret: await lab.invite() }, { key, terms: TERMS });
  const id = first.welcome.workerId;
  const rejoin = () => lab.join({ kind: 'enrolled', workerId: id }, { key, terms: TERMS });
  return { ...lab, key, first, id, rejoin };
}

const requestsTo = (agent: TestAgent) => agent.heard.filter((message) => message.kind === 'request');

describe('a worker that runs tasks', () => {
  test('has a line while it is linked; its reports go in and their receipts out', async () => {
    const lab = await buildLab();
    expect(lab.told).toEqual(['linked']);
    await lab.first.send({ kind: 'attempts', isAll: true, reports: [report] });
    await lab.first.send({ kind: 'pulses', pulses: [] });
    const taken = [{ attemptId: report.attemptId, version: report.version }];
    lab.lines.get(lab.id)?.taken({ kind: 'attempts-taken', taken });
    await settle();
    expect(lab.first.heard.at(-1)).toEqual({ kind: 'attempts-taken', taken });
    lab.first.link.breakOff();
    await settle();
    expect(lab.told).toEqual(['linked', 'all 1', 'pulses 0', 'unlinked']);
    expect(lab.lines.size).toBe(0);
  });

  test('that breaks the rules of tasks loses its link, is told why, and may come again', async () => {
    const lab = await buildLab();
    lab.lines.get(lab.id)?.object('The agent tells of more attempts than it may hold.');
    await settle();
    expect(lab.first.heard.at(-1)).toMatchObject({
      kind: 'refusal',
      isFinal: false,
      message: 'The agent tells of more attempts than it may hold.',
    });
    await lab.rejoin();
    expect(lab.told).toEqual(['linked', 'unlinked', 'linked']);
  });

  test('answers with values, which are checked', async () => {
    const lab = await buildLab();
    const line = lab.lines.get(lab.id)!;
    const piece = { fromOffset: 4, data: 'aGVsbG8=', totalBytes: 9 };
    const good = line.ask('read-output', { attemptId: report.attemptId, offset: 4 });
    await settle();
    await lab.first.send({ kind: 'answer', id: requestsTo(lab.first)[0]!.id, ok: true, value: piece });
    expect(await good).toEqual({ ok: true, value: piece });
    const bad = line.ask('missing-files', { sha256: [] });
    await settle();
    await lab.first.send({ kind: 'answer', id: requestsTo(lab.first)[1]!.id, ok: true, value: { missing: [7] } });
    expect(await bad).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  test('has a minute for a piece of a file, and ten seconds for anything else', async () => {
    const lab = await buildLab();
    const line = lab.lines.get(lab.id)!;
    const answers: string[] = [];
    void line
      .ask('read-output', { attemptId: report.attemptId, offset: 0 })
      .then(({ ok }) => answers.push(`piece ${ok}`));
    void line.ask('forget-attempts', { attemptIds: [] }).then(({ ok }) => answers.push(`forget ${ok}`));
    const alive = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 1_000) {
        await lab.pass(1_000);
        await lab.first.send({ kind: 'ping', id: 1 });
      }
    };
    await alive(LIMITS.requestMs);
    expect(answers).toEqual(['forget false']);
    await alive(50_000);
    expect(answers).toEqual(['forget false', 'piece false']);
  });

  test('is told to the tasks when it is lost, when it comes back, and when it is removed', async () => {
    const lab = await buildLab();
    lab.first.link.breakOff();
    await lab.pass(130_000, 5_000);
    await lab.rejoin();
    succeeded(await lab.coordinator.remove(lab.id));
    expect(lab.told).toEqual(['linked', 'unlinked', 'lost', 'linked', 'unlinked', 'removed']);
  });

  test('is offered to placement as it is: its terms, whether it is in reach, whether what it says is fresh', async () => {
    const lab = await buildLab();
    const offer = () => lab.monitor.candidates().find(({ workerId }) => workerId === lab.id);
    await lab.first.deliver(cpuBatch(lab.clock.nowMs(), 0.1));
    expect(offer()).toMatchObject({
      isReachable: true,
      isFresh: true,
      runsTasks: true,
      admission: 'open',
      maxParallel: 2,
      allowedPrograms: ['pytest'],
      capacity: { cores: null },
    });
    await lab.pass(4_000);
    expect(offer()).toMatchObject({ isReachable: true, isFresh: false });
    lab.first.link.breakOff();
    await lab.pass(6_000);
    expect(offer()).toMatchObject({ isReachable: false, isFresh: false });
  });
});

describe('the local worker', () => {
  const localKey = ed25519Key();
  const localAgent = { workerId: localWorker.workerId, publicKey: toBase64Url(localKey.publicKey) };
  const as = { kind: 'enrolled', workerId: localWorker.workerId } as const;

  test('is linked by the agent whose key Labwatch gave it, for tasks and nothing else', async () => {
    const lab = buildCoordinator({ localAgent });
    const agent = await lab.join(as, { key: localKey, address: '127.0.0.1', terms: TERMS });
    expect(agent.welcome).toMatchObject({ workerId: localWorker.workerId, name: localWorker.name });
    await agent.deliver(cpuBatch(lab.clock.nowMs(), 0.9));
    await agent.send({ kind: 'health', clockDifferenceMs: 5, spooledBytes: 1, lostTicks: 1 });
    await agent.send({ kind: 'leaving' });
    await agent.send({ kind: 'attempts', isAll: true, reports: [] });
    expect(lab.fleet.stored).toEqual([]);
    expect(lab.viewOf(localWorker.workerId)).toMatchObject({ link: 'online', remote: null, lastSampleAtMs: null });
    const again = await lab.join(as, { key: localKey, address: '127.0.0.1', terms: TERMS });
    expect([agent.link.isEnded(), again.link.isEnded()]).toEqual([true, false]);
    again.link.breakOff();
    await lab.pass(200_000, 5_000);
    expect(lab.viewOf(localWorker.workerId)?.link).toBe('online');
    expect(lab.told).toEqual(['linked', 'all 0', 'linked', 'unlinked']);
  });

  test('is linked by nobody else', async () => {
    const lab = buildCoordinator({ localAgent });
    const other = await lab.dial(as, { key: ed25519Key(), address: '127.0.0.1' });
    expect(other.meeting).toMatchObject({ kind: 'refused', refusal: { code: 'bad-proof', isFinal: true } });
    const without = buildCoordinator();
    const unknown = await without.dial(as, { key: localKey, address: '127.0.0.1' });
    expect(unknown.meeting).toMatchObject({ kind: 'refused' });
  });

  test('ends its link with the coordinator', async () => {
    const lab = buildCoordinator({ localAgent });
    const agent = await lab.join(as, { key: localKey, terms: TERMS });
    await lab.coordinator.dispose();
    await settle();
    expect(agent.link.isEnded()).toBe(true);
    expect(lab.told).toEqual(['linked', 'unlinked']);
  });
});

describe('who takes new tasks', () => {
  const messagesOf = (lab: Awaited<ReturnType<typeof buildLab>>, of = lab.id) =>
    lab.fleet.stored
      .filter(({ workerId }) => workerId === of)
      .flatMap(({ batch }) => (batch.events ?? []).map(({ kind, message }) => `${kind}: ${message}`))
      .filter((line) => /^(paused|resumed|drained)/.test(line));

  test('is kept, shown and told in the history, once for each change', async () => {
    const lab = await buildLab();
    for (const admission of ['paused', 'paused', 'open'] as const) {
      succeeded(await lab.coordinator.setAdmission(lab.id, admission));
    }
    expect(messagesOf(lab)).toEqual(['paused: Paused: takes no new tasks.', 'resumed: Takes new tasks again.']);
    succeeded(await lab.coordinator.setAdmission(localWorker.workerId, 'paused'));
    expect(lab.viewOf(localWorker.workerId)?.admission).toBe('paused');
    expect([lab.fleet.workers.get(lab.id)?.admission, lab.viewOf(lab.id)?.admission]).toEqual(['open', 'open']);
    expect(await lab.coordinator.setAdmission('nobody' as never, 'paused')).toMatchObject({
      error: { code: 'not-found' },
    });
  });

  test('that is draining says once when nothing runs there any more', async () => {
    const lab = await buildLab();
    lab.busy.add(lab.id);
    succeeded(await lab.coordinator.setAdmission(lab.id, 'draining'));
    await lab.pass(5_000);
    expect(messagesOf(lab)).toEqual(['paused: Draining: takes no new tasks; what runs there goes on to its end.']);
    lab.busy.delete(lab.id);
    await lab.pass(5_000);
    expect(messagesOf(lab).slice(1)).toEqual(['drained: Drained: nothing runs there any more.']);
  });

  test('that drained in an earlier run is not told of again', async () => {
    const drained: EnrolledWorker = { ...earlierWorker('rig', ed25519Key(), 0), admission: 'draining' };
    const lab = buildCoordinator({ workers: [localWorker, drained] });
    await lab.pass(5_000);
    expect(lab.eventsOf(drained.workerId)).toEqual([]);
  });
});
