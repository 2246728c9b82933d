import { describe, expect, test } from 'vitest';
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import { seriesKey } from '../../src/core/metrics/series.ts';
import { createMonitor } from '../../src/engine/monitor.ts';
import type { FleetPatch } from '../../src/shared/ipc/contract.ts';
import { fakeTime } from './fake-time.ts';

const desk = { workerId: workerId('desk'), name: 'bench-desk', isLocal: true };

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
});
