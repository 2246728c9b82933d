import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Level } from '../../../src/core/metrics/level.ts';
import type { ProcessSnapshot, SampleBatch, Tick } from '../../../src/core/metrics/sample.ts';
import type { SeriesKey } from '../../../src/core/metrics/series.ts';
import type { Sampler } from '../../../src/engine/ports.ts';
import { createThreadedSampler, type SamplerOptions } from '../../../src/node/sampling/sampler.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { fakeSmi, repeating } from './fake-smi.ts';

interface Run {
  readonly sampler: Sampler;
  readonly batches: readonly SampleBatch[];
  ticks(): readonly Tick[];
  newest(key: string): number | undefined;
  states(): Readonly<Record<string, string>>;
  events(): readonly string[];
}

function startSampler(level: Level, options: SamplerOptions = {}): Run {
  const sampler = createThreadedSampler({ searchPath: '', ...options });
  onTestFinished(() => sampler.dispose());
  const batches: SampleBatch[] = [];
  sampler.start(level, (batch) => batches.push(batch));
  const ticks = () => batches.flatMap((batch) => batch.ticks ?? []);
  return {
    sampler,
    batches,
    ticks,
    newest: (key) => {
      const tick = ticks().findLast(({ seriesKeys }) => seriesKeys.includes(key as SeriesKey));
      return tick?.values[tick.seriesKeys.indexOf(key as SeriesKey)];
    },
    states: () => {
      const collectors = batches.findLast((batch) => batch.collectors !== undefined)?.collectors ?? [];
      return Object.fromEntries(collectors.map(({ collector, state }) => [collector, state]));
    },
    events: () => batches.flatMap((batch) => batch.events ?? []).map(({ message }) => message),
  };
}

function fateFolder(fate: string): string {
  const folder = tempFolder();
  writeFileSync(join(folder, 'fate'), fate);
  return folder;
}

const doomed = new URL('./doomed-thread.ts', import.meta.url);
/** A zombie that nobody reaps yet does not run. */
function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

describe('the sampler', () => {
  test('delivers memory, load and usage of / with its first tick, and the CPU with its second', async () => {
    const { ticks } = startSampler('standard');
    await expect.poll(() => ticks().length).toBeGreaterThanOrEqual(2);
    const [first, second] = ticks();
    for (const key of [
      'system.memory.utilization',
      'labwatch.load1',
      'system.filesystem.utilization{system.filesystem.mountpoint=/}',
    ]) {
      expect(first?.seriesKeys).toContain(key);
    }
    expect(first?.seriesKeys).not.toContain('system.cpu.utilization');
    expect(second?.seriesKeys).toContain('system.cpu.utilization');
    for (const tick of ticks()) expect(tick.values).toHaveLength(tick.seriesKeys.length);
  });

  test('says of everything that is not here why it is not', async () => {
    const { states } = startSampler('detailed');
    await expect
      .poll(states)
      .toMatchObject({ cpu: 'ok', disk: 'ok', network: 'ok', processes: 'ok', nvidia: 'unsupported' });
  });

  test('hands on the same keys while the set of series stays the same', async () => {
    const { ticks } = startSampler('intensive');
    await expect.poll(() => ticks().length).toBeGreaterThan(20);
    const sets = new Map<string, Set<readonly SeriesKey[]>>();
    for (const { seriesKeys } of ticks()) {
      const name = seriesKeys.join();
      sets.set(name, (sets.get(name) ?? new Set()).add(seriesKeys));
    }
    for (const arrays of sets.values()) expect(arrays.size).toBe(1);
    expect(sets.size).toBeLessThan(ticks().length / 2);
  });

  test('changes its level while running', async () => {
    const { sampler, ticks, newest } = startSampler('basic');
    await expect.poll(() => ticks().length).toBeGreaterThanOrEqual(2);
    expect(newest('system.memory.limit')).toBeGreaterThan(0);
    sampler.setLevel('intensive');
    await expect.poll(() => newest('labwatch.context_switches')).toBeGreaterThan(0);
    sampler.setLevel('basic');
    await expect.poll(() => ticks().at(-1)?.seriesKeys).not.toContain('labwatch.context_switches');
  });

  test('lists processes with what they use', async () => {
    const { batches } = startSampler('standard');
    let snapshot: ProcessSnapshot | undefined;
    await expect
      .poll(() => {
        snapshot = batches.flatMap((batch) => batch.processes ?? [])[0];
        return snapshot?.processes.length ?? 0;
      })
      .toBeGreaterThan(0);
    expect(snapshot!.processes.some(({ memoryBytes }) => memoryBytes > 1_048_576)).toBe(true);
  });

  test('tells what the machine is made of, and again on request', async () => {
    const { sampler, batches } = startSampler('basic');
    const inventories = () => batches.flatMap((batch) => batch.inventory ?? []);
    await expect.poll(() => inventories().length, { timeout: 60_000 }).toBe(1);
    expect(inventories()[0]).toMatchObject({ os: { platform: 'linux' }, cpu: { logicalCores: expect.any(Number) } });
    sampler.refreshInventory();
    await expect.poll(() => inventories().length, { timeout: 60_000 }).toBe(2);
  });

  test('ends its thread and its children when disposed', async () => {
    const folder = tempFolder();
    const smi = fakeSmi(
      folder,
      `echo $$ > ${folder}/pid; ${repeating(['00000000:3B:00.0, 0, 97, 1, 2, 64, 612.45, H100'])}`,
    );
    const { sampler, batches, newest } = startSampler('standard', { searchPath: smi.folder });
    await expect.poll(() => newest('hw.gpu.utilization{hw.id=0000:3b:00.0,hw.name=H100}')).toBe(0.97);
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(isRunning(pid)).toBe(true);
    await sampler.dispose();
    expect(isRunning(pid)).toBe(false);
    const count = batches.length;
    await sampler.dispose();
    expect(batches).toHaveLength(count);
  });
});

test('at basic level no GPU is asked: nvidia-smi ends with the level that wants it', async () => {
  const folder = tempFolder();
  const smi = fakeSmi(
    folder,
    `echo $$ > ${folder}/pid; ${repeating(['00000000:3B:00.0, 0, 97, 1, 2, 64, 612.45, H100'])}`,
  );
  const { sampler, newest } = startSampler('standard', { searchPath: smi.folder });
  await expect.poll(() => newest('hw.gpu.utilization{hw.id=0000:3b:00.0,hw.name=H100}')).toBe(0.97);
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  sampler.setLevel('basic');
  await expect.poll(() => isRunning(pid)).toBe(false);
});

describe('a sampling thread', () => {
  test('that dies is reported and started again', async () => {
    const folder = fateFolder('throws');
    const { states, events, ticks } = startSampler('standard', { entry: doomed, procRoot: folder });
    await expect.poll(states).toMatchObject({ sampler: 'failing' });
    expect(events()[0]).toBe('sampler: failing. The sampling thread broke: out of luck');
    writeFileSync(join(folder, 'fate'), 'lives');
    await expect.poll(states).toMatchObject({ sampler: 'ok' });
    expect(events().at(-1)).toBe('sampler: ok. The sampling thread runs again.');
    expect(ticks().length).toBeGreaterThanOrEqual(2);
  });

  test('that dies leaves no child behind', async () => {
    const folder = fateFolder('leaves-a-child');
    const { states } = startSampler('standard', { entry: doomed, procRoot: folder });
    await expect.poll(() => existsSync(join(folder, 'child'))).toBe(true);
    const pid = Number(readFileSync(join(folder, 'child'), 'utf8'));
    await expect.poll(states).toMatchObject({ sampler: 'failing' });
    await expect.poll(() => isRunning(pid)).toBe(false);
  });

  test('that hangs is left behind, and another takes its place', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const folder = fateFolder('blocks');
    let shiftMs = 0;
    const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() + shiftMs };
    const { ticks, states, events } = startSampler('standard', { entry: doomed, procRoot: folder, clock });
    await vi.waitFor(() => expect(ticks()).toHaveLength(1), { timeout: 20_000 });
    writeFileSync(join(folder, 'fate'), 'lives');
    shiftMs = 19_000;
    vi.advanceTimersByTime(5_000);
    expect(states()).toEqual({});
    shiftMs = 40_000;
    vi.advanceTimersByTime(5_000);
    expect(states()).toMatchObject({ sampler: 'failing' });
    expect(events()[0]).toMatch(/silent for 20 s/);
    await vi.waitFor(() => expect(states()).toMatchObject({ sampler: 'ok' }), { timeout: 20_000 });
  });
});
