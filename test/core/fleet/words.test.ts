import { describe, expect, test } from 'vitest';
import { inventoryHeadline } from '../../../src/core/fleet/headline.ts';
import { completeInventory, type Inventory } from '../../../src/core/fleet/inventory.ts';
import { newLiveWorker, viewOf } from '../../../src/core/fleet/live-worker.ts';
import { fleetTooltip } from '../../../src/core/fleet/tooltip.ts';
import { type WorkerView, workerId } from '../../../src/core/fleet/worker.ts';

function inventoryWith(logicalCores: number, ...models: readonly string[]): Inventory {
  return completeInventory({
    atMs: 0,
    hostName: 'h',
    os: { platform: 'linux', distribution: '', release: '', kernel: '', arch: '' },
    machine: { manufacturer: null, model: null, isVirtual: null },
    cpu: { model: '', physicalCores: null, logicalCores, maxFrequencyHz: null },
    memoryBytes: 0,
    swapBytes: null,
    gpus: models.map((model) => ({ vendor: '', model, memoryBytes: null, driver: null })),
    disks: [],
    nics: [],
  });
}

function view(name: string, changes: Partial<WorkerView> = {}): WorkerView {
  const base = viewOf(newLiveWorker({ workerId: workerId(name), name, isLocal: true }, 'standard', 0), 0, 0);
  return { ...base, ...changes };
}

describe('the headline of a machine', () => {
  test('names its GPUs without the maker’s prefixes', () => {
    expect(inventoryHeadline(inventoryWith(16, 'NVIDIA GeForce RTX 4090', 'NVIDIA GeForce RTX 4090'))).toBe(
      '2× RTX 4090',
    );
    expect(inventoryHeadline(inventoryWith(16, 'AMD Radeon PRO W7900'))).toBe('Radeon PRO W7900');
  });

  test('names its cores where it has no GPU worth the name', () => {
    expect(inventoryHeadline(inventoryWith(2, 'Virtio 1.0 GPU'))).toBe('2 cores');
    expect(inventoryHeadline(inventoryWith(1))).toBe('1 core');
  });
});

describe('the tray’s tooltip', () => {
  test('of one worker shows its figures and leaves out what is not known', () => {
    const base = view('bench-desk');
    const figures = { ...base.figures, cpuUtilization: 0.184, temperatureCelsius: 51.4 };
    expect(fleetTooltip([{ ...base, figures }])).toBe('Labwatch: bench-desk · CPU 18 % · 51 °C');
  });

  test('of several names those that are silent, five at most', () => {
    const silent = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => view(name, { link: 'stale' }));
    const text = fleetTooltip([view('ok'), ...silent]);
    expect(text.split('\n')).toEqual([
      'Labwatch: 1 of 7 online',
      'a stale',
      'b stale',
      'c stale',
      'd stale',
      'e stale',
    ]);
  });
});
