import { describe, expect, test } from 'vitest';
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import type { EnrolledWorker } from '../../src/engine/ports.ts';
import type { FleetPatch } from '../../src/shared/ipc/contract.ts';
import { fakeTime } from './fake-time.ts';

const desk: EnrolledWorker = {
  workerId: workerId('desk'),
  name: 'bench-desk',
  isLocal: true,
  admission: 'open',
  remote: null,
};

function build() {
  const time = fakeTime();
  const stored: [WorkerId, SampleBatch][] = [];
  const store = { append: (id: WorkerId, batch: SampleBatch) => void stored.push([id, batch]) };
  const monitor = createMonitor({ workers: [desk], level: 'standard', store, ...time });
  const patches: FleetPatch[] = [];
  const subscription = monitor.onPatch((patch) => patches.push(patch));
  const sample = (value: number): SampleBatch => ({
    ticks: [
      {
        atMs: time.clock.nowMs(),
        seriesKeys: [seriesKey('system.cpu.utilization')],
        values: Float64Array.of(value),
      },
    ],
  });
  return { ...time, monitor, stored, patches, subscription, sample };
}

describe('the monitor', () => {
  test('stores every delivery it takes, late ones too', () => {
    const { monitor, stored, sample } = build();
    const first = sample(0.5);
    const late: SampleBatch = { ticks: [{ ...first.ticks![0]!, atMs: first.ticks![0]!.atMs - 60_000 }] };
    monitor.ingest(desk.workerId, first);
    monitor.ingest(desk.workerId, late);
    expect(stored).toEqual([
      [desk.workerId, first],
      [desk.workerId, late],
    ]);
  });

  test('publishes at most four times a second and loses no change in between', () => {
    const { monitor, patches, sample, advance } = build();
    for (let step = 0; step < 100; step += 1) {
      monitor.ingest(desk.workerId, sample(step / 100));
      advance(10);
    }
    advance(250);
    expect(patches.length).toBeLessThanOrEqual(5);
    expect(patches.at(-1)?.changed[0]?.figures.cpuUtilization).toBe(0.99);
    expect(patches.map((patch) => patch.revision)).toEqual(patches.map((_, index) => index + 1));
  });

  test('a snapshot holds what the last patch held', () => {
    const { monitor, patches, sample } = build();
    monitor.ingest(desk.workerId, sample(0.25));
    expect(monitor.snapshot().revision).toBe(patches[0]?.revision);
    expect(monitor.snapshot().workers).toEqual(patches[0]?.changed);
  });

  test('revisions go on while nobody listens, so that who comes back notices the gap', () => {
    const { monitor, patches, subscription, sample, advance } = build();
    monitor.ingest(desk.workerId, sample(0.1));
    subscription.dispose();
    advance(1_000);
    monitor.ingest(desk.workerId, sample(0.2));
    advance(1_000);
    expect(patches).toHaveLength(1);
    expect(monitor.snapshot().revision).toBe(2);
  });

  test('says once that a worker became stale, and that it came back', () => {
    const { monitor, patches, sample, advance } = build();
    monitor.ingest(desk.workerId, sample(0.1));
    advance(2_900);
    expect(patches).toHaveLength(1);
    advance(200);
    expect(patches.at(-1)?.changed[0]?.link).toBe('stale');
    advance(60_000);
    expect(patches).toHaveLength(2);
    monitor.ingest(desk.workerId, sample(0.1));
    expect(patches.at(-1)?.changed[0]?.link).toBe('online');
  });

  test('a change of level changes how long a worker may be silent', () => {
    const { monitor, patches, sample, advance } = build();
    monitor.ingest(desk.workerId, sample(0.1));
    monitor.setLevel(desk.workerId, 'basic');
    advance(14_000);
    expect(patches.at(-1)?.changed[0]).toMatchObject({ link: 'online', level: 'basic' });
    advance(2_000);
    expect(patches.at(-1)?.changed[0]?.link).toBe('stale');
  });

  test('a batch of an unknown worker is a bug and says which', () => {
    const { monitor, sample } = build();
    expect(() => monitor.ingest(workerId('nobody'), sample(1))).toThrow(/nobody/);
  });

  test('leaves no timer behind', () => {
    const { monitor, patches, sample, advance } = build();
    monitor.ingest(desk.workerId, sample(0.1));
    monitor.dispose();
    advance(60_000);
    expect(patches).toHaveLength(1);
  });

  const rig: EnrolledWorker = {
    workerId: workerId('rig'),
    name: 'rig-03',
    isLocal: false,
    admission: 'open',
    remote: { publicKey: 'AAAA', pairedAtMs: 1, level: 'basic', lastSeen: null, dialledAt: null },
  };

  test('a worker that joins is in the next patch, at its own level, and one that is forgotten leaves it', () => {
    const { monitor, patches, advance } = build();
    monitor.enrol(rig);
    expect(patches.at(-1)?.changed).toMatchObject([{ name: 'rig-03', link: 'stale', level: 'basic', isLocal: false }]);
    monitor.rename(rig.workerId, 'gpu-box');
    monitor.forget(rig.workerId);
    monitor.forget(rig.workerId);
    advance(250);
    expect(patches.at(-1)).toMatchObject({ revision: 2, changed: [], removed: [rig.workerId] });
    expect(monitor.snapshot().workers.map(({ name }) => name)).toEqual(['bench-desk']);
    expect(() => monitor.ingest(rig.workerId, {})).toThrow(/rig/);
  });

  test('a worker that joins again keeps what is known of it', () => {
    const { monitor, sample } = build();
    monitor.enrol(rig);
    monitor.setLink(rig.workerId, { state: 'online', awaySinceMs: null });
    monitor.ingest(rig.workerId, sample(0.5));
    monitor.enrol({ ...rig, name: 'gpu-box' });
    expect(monitor.snapshot().workers[1]).toMatchObject({ name: 'gpu-box', figures: { cpuUtilization: 0.5 } });
  });

  test('a remote worker is stale until it is linked, and again when it is linked and says nothing', () => {
    const { monitor, patches, sample, advance } = build();
    monitor.enrol(rig);
    advance(60_000);
    monitor.setLink(rig.workerId, { state: 'online', awaySinceMs: null });
    expect(patches.at(-1)?.changed[0]?.link).toBe('online');
    advance(15_100);
    expect(patches.at(-1)?.changed[0]?.link).toBe('stale');
    monitor.ingest(rig.workerId, sample(0.5));
    monitor.setLink(rig.workerId, { state: 'unreachable', awaySinceMs: 7 });
    advance(60_000);
    expect(patches.at(-1)?.changed[0]).toMatchObject({ link: 'unreachable', awaySinceMs: 7 });
  });

  test('what is late is stored and seen by nobody who watches the present', () => {
    const { monitor, stored, patches, sample } = build();
    const batches: SampleBatch[] = [];
    monitor.onBatch((_id, batch) => batches.push(batch));
    monitor.ingest(desk.workerId, sample(0.5), 'late');
    expect([stored.length, batches.length, patches.length]).toEqual([1, 0, 0]);
    expect(() => monitor.ingest(workerId('nobody'), sample(1), 'late')).toThrow(/nobody/);
  });

  test('runs tasks on this machine from when it is told the terms, and says what runs where', () => {
    const { monitor, patches, advance } = build();
    expect(monitor.candidates()).toMatchObject([{ workerId: desk.workerId, isReachable: true, runsTasks: false }]);
    monitor.setTasks(desk.workerId, { maxParallel: 3, programs: null, asUser: null });
    monitor.setAdmission(desk.workerId, 'draining');
    monitor.setRunning(desk.workerId, ['a', 'b', 'c'], 7);
    monitor.setRunning(workerId('gone'), ['a'], 1);
    advance(250);
    expect(monitor.candidates()).toMatchObject([{ runsTasks: true, maxParallel: 3, admission: 'draining' }]);
    expect(patches.at(-1)?.changed).toMatchObject([
      { runsTasks: true, admission: 'draining', runningTasks: ['a', 'b', 'c'], runningTaskCount: 7 },
    ]);
  });

  test('tells when something has changed that placement looks at, and not of each sample', () => {
    const { monitor, sample, advance } = build();
    let told = 0;
    monitor.onCandidates(() => {
      told += 1;
    });
    const tellings = (action: () => void) => {
      told = 0;
      action();
      return told;
    };
    expect(tellings(() => monitor.ingest(desk.workerId, sample(0.1)))).toBe(0);
    expect(tellings(() => monitor.setRunning(desk.workerId, ['a'], 1))).toBe(0);
    expect(tellings(() => monitor.enrol(rig))).toBe(1);
    expect(tellings(() => monitor.setLink(rig.workerId, { state: 'online', awaySinceMs: null }))).toBe(1);
    expect(tellings(() => monitor.setAdmission(rig.workerId, 'paused'))).toBe(1);
    expect(tellings(() => monitor.setProfile(rig.workerId, { labels: { rack: 'b' } }))).toBe(1);
    expect(tellings(() => monitor.setRemote(rig.workerId, { taskTerms: null, runsTasks: true }))).toBe(1);
    expect(tellings(() => advance(4_000))).toBe(1);
    expect(tellings(() => monitor.ingest(desk.workerId, sample(0.1)))).toBe(1);
    expect(tellings(() => monitor.forget(rig.workerId))).toBe(1);
  });

  test('news of a remote worker that are none are no change', () => {
    const { monitor, patches, advance } = build();
    monitor.enrol(rig);
    monitor.setRemote(rig.workerId, { spooledBytes: 4_096 });
    advance(250);
    const before = patches.length;
    monitor.setRemote(rig.workerId, { spooledBytes: 4_096, lostTicks: 0 });
    advance(1_000);
    expect(patches).toHaveLength(before);
    expect(monitor.snapshot().workers[1]?.remote).toMatchObject({ spooledBytes: 4_096, keyFingerprint: '' });
    expect(() => monitor.setRemote(desk.workerId, { spooledBytes: 1 })).toThrow(/desk/);
  });
});
