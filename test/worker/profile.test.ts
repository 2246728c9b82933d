/** Profiles: hardware that is claimed, and the load that is told with it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { capabilitiesOf } from '../../src/core/fleet/capabilities.ts';
import { inventoryHeadline } from '../../src/core/fleet/headline.ts';
import { inventoryFacts } from '../../src/core/fleet/inventory-facts.ts';
import { parseSeriesKey } from '../../src/core/metrics/series.ts';
import { homeAt } from '../../src/node/agent-home/home.ts';
import { Readings } from '../../src/node/sampling/readings.ts';
import { chooseProfile, type Profile, parseProfile, profiledInventory } from '../../src/worker/profile.ts';
import { profileCollector, type TaskUse } from '../../src/worker/profile-collector.ts';
import { simulatedGpu } from '../../src/worker/simulated-gpu.ts';
import { MACHINE } from '../core/fleet/a-machine.ts';
import { tempFolder } from '../support/temp-folder.ts';

const GIB = 2 ** 30;
const GPU = { vendor: 'NVIDIA', model: 'NVIDIA GeForce RTX 4090', memoryBytes: 24 * GIB };
const WHOLE_GPU = { ...GPU, computeCapability: null, driver: null };
const PROFILE: Profile = {
  name: 'gpu-box',
  cpuModel: null,
  cores: 8,
  memoryBytes: 64 * GIB,
  gpus: [WHOLE_GPU, WHOLE_GPU],
};

describe('a profile', () => {
  it('may leave out everything', () => {
    expect(parseProfile('{}')).toMatchObject({ ok: true, value: { cores: null, gpus: null } });
    expect(parseProfile(JSON.stringify({ cores: 8, gpus: [GPU] }))).toMatchObject({
      ok: true,
      value: { cores: 8, memoryBytes: null, gpus: [WHOLE_GPU] },
    });
  });

  it.each([
    ['no JSON', /JSON/],
    ['[]', /not a JSON object/],
    ['{"core": 8}', /no field core\./],
    ['{"cores": 0}', /^cores is not/],
    ['{"cores": 1.5}', /^cores is not/],
    ['{"memoryBytes": "8GiB"}', /^memoryBytes is not/],
    ['{"gpus": [{"vendor": "NVIDIA", "model": "RTX"}]}', /^gpus is not/],
    [JSON.stringify({ gpus: Array.from({ length: 17 }, () => GPU) }), /^gpus is not/],
  ])('that says %s is refused with what is wrong', (content, says) => {
    const refused = parseProfile(content);
    expect(!refused.ok && refused.error.code).toBe('invalid-argument');
    expect(!refused.ok && refused.error.message).toMatch(says);
  });

  it('is kept in the home until it is taken back', () => {
    const home = homeAt(join(tempFolder(), 'agent'), {});
    mkdirSync(home.folder, { mode: 0o700 });
    const file = join(home.folder, 'mine.json');
    writeFileSync(file, JSON.stringify({ cores: 8 }));
    expect(chooseProfile(home, undefined)).toEqual({ ok: true, value: null });
    const chosen = { ok: true, value: { name: null, cpuModel: null, cores: 8, memoryBytes: null, gpus: null } };
    expect(chooseProfile(home, file)).toEqual(chosen);
    expect(chooseProfile(home, undefined)).toEqual(chosen);
    expect(chooseProfile(home, join(home.folder, 'missing.json'))).toMatchObject({ ok: false });
    expect(chooseProfile(home, undefined)).toEqual(chosen);
    expect(chooseProfile(home, false)).toEqual({ ok: true, value: null });
    expect(chooseProfile(home, undefined)).toEqual({ ok: true, value: null });
  });

  it('lies over the real hardware, and everything that shows it says that it is simulated', () => {
    const inventory = profiledInventory(MACHINE, PROFILE);
    expect(inventory).toMatchObject({ memoryBytes: 64 * GIB, simulated: ['CPU', 'memory', 'GPU'], os: MACHINE.os });
    expect(inventory.cpu).toMatchObject({ model: MACHINE.cpu.model, logicalCores: 8, physicalCores: null });
    expect(capabilitiesOf(inventory)).toEqual(expect.arrayContaining(['simulated', 'gpu.count=2', 'gpu.memory=24GiB']));
    expect(inventoryHeadline(inventory)).toBe('2× RTX 4090 · simulated');
    expect(inventoryFacts(inventory)[0]).toEqual(['Simulated', ['CPU, memory, GPU']]);
    expect(capabilitiesOf(MACHINE)).not.toContain('simulated');
    expect(inventoryHeadline(MACHINE)).not.toContain('simulated');
  });
});

describe('what is read with a profile', () => {
  function collector(profile: Profile, use: TaskUse) {
    let seconds = 0;
    let atMs = 0;
    const one = profileCollector({
      ...{ profile, taskUse: () => use, real: { cores: 2, memoryBytes: 8 * GIB } },
      clock: { nowMs: () => atMs, monotonicMs: () => atMs },
      ownCpuSeconds: () => seconds,
      ownMemoryBytes: () => GIB,
    });
    return function read(laterMs: number, usedSeconds: number) {
      atMs += laterMs;
      seconds += usedSeconds;
      const readings = new Readings();
      void one.read(readings, { level: 'standard', atMs, monotonicMs: () => atMs });
      const entries = readings.keys.map((key, index) => [key as string, readings.values[index]!] as const);
      const figure = (metric: string, id?: string) =>
        entries.find(([key]) => {
          const parsed = parseSeriesKey(key as never);
          return parsed.metric === metric && (id === undefined || parsed.attributes['hw.id'] === id);
        })?.[1];
      return { keys: entries.map(([key]) => key), figure };
    };
  }

  it('is the load of the agent and its attempts, as a share of what it claims', () => {
    const read = collector(PROFILE, { cores: 2, memoryBytes: 3 * GIB, gpuIndexes: [] });
    expect(read(0, 0).figure('system.cpu.utilization')).toBeUndefined();
    const second = read(1_000, 0.4);
    expect(second.figure('system.cpu.utilization')).toBeCloseTo(2.4 / 8);
    expect(second.figure('system.memory.utilization')).toBeCloseTo(4 / 64);
    expect(second.figure('system.memory.limit')).toBe(64 * GIB);
  });

  it('has a busy GPU only where a task was given one, and every series of it says simulated', () => {
    const { keys, figure } = collector(PROFILE, { cores: 0, memoryBytes: 0, gpuIndexes: [1] })(0, 0);
    expect(figure('hw.gpu.utilization', 'simulated-0')).toBe(0);
    expect(figure('hw.gpu.utilization', 'simulated-1')).toBeGreaterThan(0.7);
    const ofGpus = keys.filter((key) => key.startsWith('hw.'));
    expect(ofGpus).toHaveLength(12);
    expect(ofGpus.filter((key) => !key.includes('(simulated)'))).toEqual([]);
  });

  it('stays within what a GPU can be, and is the same for the same moment', () => {
    const moment = fc.tuple(fc.boolean(), fc.double({ min: 0, max: 7, noNaN: true }), fc.nat(4e12));
    fc.assert(
      fc.property(moment, ([isBusy, seed, atMs]) => {
        const figures = simulatedGpu(GPU, isBusy, seed, atMs);
        expect(figures).toEqual(simulatedGpu(GPU, isBusy, seed, atMs));
        expect(figures.utilization).toBeGreaterThanOrEqual(0);
        expect(figures.utilization).toBeLessThanOrEqual(1);
        expect(figures.memoryBytes).toBeGreaterThan(0);
        expect(figures.memoryBytes).toBeLessThan(GPU.memoryBytes);
        expect(figures.temperatureCelsius).toBeGreaterThan(20);
        expect(figures.temperatureCelsius).toBeLessThan(90);
        expect(figures.powerWatts).toBeGreaterThan(0);
      }),
    );
  });
});
