import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { completeInventory, type Inventory, type PastInventory } from '../../../src/core/fleet/inventory.ts';
import { inventoryChangeMessage, inventoryChanges } from '../../../src/core/fleet/inventory-changes.ts';
import { GIB, MACHINE, RTX_4090 } from './a-machine.ts';

const changesAfter = (change: Partial<Inventory>) => inventoryChanges(MACHINE, { ...MACHINE, atMs: 2_000, ...change });
const software = (...items: readonly (readonly [string, string | null])[]) =>
  items.map(([name, version]) => ({ name, version })) as NonNullable<Inventory['software']>;

describe('what changed of a machine', () => {
  test('is nothing where nothing did, nor where only times, names, speeds, letters and networks did', () => {
    expect(changesAfter({})).toEqual([]);
    expect(
      changesAfter({
        hostName: 'other',
        memoryBytes: 62.5 * GIB,
        swapBytes: 0,
        cpu: { ...MACHINE.cpu, maxFrequencyHz: 1e9 },
        gpus: [...MACHINE.gpus].reverse(),
        disks: MACHINE.disks.map((disk) => ({ ...disk, device: '/dev/sdz' })),
        nics: MACHINE.nics.slice(0, 1).map((nic) => ({ ...nic, name: 'eth0', speedBitsPerSecond: null })),
      }),
    ).toEqual([]);
  });

  test('names the card that is gone by its number, or that is new', () => {
    expect(changesAfter({ gpus: MACHINE.gpus.slice(0, 1) })).toEqual(['GPU 1 (RTX 4090) is gone.']);
    expect(changesAfter({ gpus: MACHINE.gpus.slice(1) })).toEqual(['GPU 0 (RTX 4090) is gone.']);
    const third = { ...RTX_4090, address: '0000:c1:00.0' };
    expect(changesAfter({ gpus: [...MACHINE.gpus, third] })).toEqual(['GPU 2 (RTX 4090) is new.']);
  });

  test('names the card that took the place of another, and says nothing of one that was moved', () => {
    const h100 = { ...RTX_4090, model: 'NVIDIA H100 PCIe', memoryBytes: 80 * GIB };
    expect(changesAfter({ gpus: [h100, MACHINE.gpus[1]!] })).toEqual(['GPU 0: RTX 4090 → H100 PCIe.']);
    const moved = MACHINE.gpus.map((gpu, index) => ({ ...gpu, address: `0000:e${index}:00.0` }));
    expect(changesAfter({ gpus: moved })).toEqual([]);
  });

  test('takes a card for the same while its driver does not answer', () => {
    const nameless = { ...RTX_4090, model: '', memoryBytes: null, driver: null, computeCapability: null };
    const silent = MACHINE.gpus.map(({ address }) => ({ ...nameless, address }));
    expect(changesAfter({ gpus: silent, cudaDriverVersion: null })).toEqual([]);
    const fromBus = MACHINE.gpus.map((gpu) => ({ ...gpu, model: 'AD102 [GeForce RTX 4090]', memoryBytes: 2 ** 28 }));
    expect(changesAfter({ gpus: fromBus })).toEqual([]);
  });

  test('tells a new driver once for all its cards', () => {
    const gpus = MACHINE.gpus.map((gpu) => ({ ...gpu, driver: '560.28' }));
    expect(changesAfter({ gpus, cudaDriverVersion: '12.6' })).toEqual([
      'NVIDIA driver 550.54.14 → 560.28.',
      'CUDA driver 12.4 → 12.6.',
    ]);
  });

  test('tells memory, processor, disks, network cards and system', () => {
    expect(inventoryChanges({ ...MACHINE, memoryBytes: 64 * GIB }, { ...MACHINE, memoryBytes: 32 * GIB })).toEqual([
      'Memory 64 GiB → 32 GiB.',
    ]);
    expect(changesAfter({ cpu: { ...MACHINE.cpu, physicalCores: 8, logicalCores: 16 } })).toEqual([
      'CPU cores 16 → 8.',
    ]);
    expect(changesAfter({ cpu: { ...MACHINE.cpu, logicalCores: 16 } })).toEqual(['CPU threads 32 → 16.']);
    expect(changesAfter({ cpu: { ...MACHINE.cpu, instructionSets: ['avx', 'sha'] } })).toEqual([
      'The CPU lacks avx2 now.',
      'The CPU has sha now.',
    ]);
    expect(changesAfter({ cpu: { ...MACHINE.cpu, model: 'AMD EPYC 9554', instructionSets: [] } })).toEqual([
      'CPU AMD EPYC 7543 → AMD EPYC 9554.',
    ]);
    expect(changesAfter({ disks: MACHINE.disks.slice(0, 1) })).toEqual(['Disk /dev/sda (WD Red, 8 TB) is gone.']);
    expect(changesAfter({ nics: [] })).toEqual(['Network card eno1 is gone.']);
    expect(changesAfter({ os: { ...MACHINE.os, release: '13', kernel: '6.12.1' } })).toEqual([
      'System Debian GNU/Linux 12 → Debian GNU/Linux 13.',
      'Kernel 6.1.0-28-amd64 → 6.12.1.',
    ]);
  });

  test('tells software that came, went or was updated, and not what did not answer in time', () => {
    const rest = [
      ['cuda', '12.2.140'],
      ['gcc', '12.2.0'],
      ['node', null],
    ] as const;
    const now = software(['docker', '25.0.1'], ['python', '3.12.1'], ['python', '3.13.0'], ['podman', '5.0'], ...rest);
    expect(changesAfter({ software: now.filter(({ name }) => name !== 'gcc') })).toEqual([
      'Docker 24.0.7 → 25.0.1.',
      'Podman 5.0 is new.',
      'Python 3.11.2 → 3.13.0.',
      'GCC is gone.',
    ]);
    const late = software(['docker', null], ['python', null], ...rest.slice(0, 2), ['node', '20.1.0']);
    expect(changesAfter({ software: late })).toEqual([]);
  });

  test('is nothing where an older version did not read it', () => {
    const { software: _, cudaDriverVersion: __, ...read } = MACHINE;
    const { instructionSets, caches, ...cpu } = MACHINE.cpu;
    const gpus = MACHINE.gpus.map(({ computeCapability, address, ...gpu }) => gpu);
    const past = JSON.parse(JSON.stringify({ ...read, cpu, gpus })) as PastInventory;
    expect(inventoryChanges(completeInventory(past), MACHINE)).toEqual([]);
    expect(inventoryChanges(MACHINE, completeInventory(past))).toEqual([]);
  });

  test('fits one event, however much it is', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      device: `/dev/sd${index}`,
      model: `${'long '.repeat(30)}${index}`,
      kind: 'ssd' as const,
      sizeBytes: index,
    }));
    const message = inventoryChangeMessage(MACHINE, { ...MACHINE, disks: many });
    expect(message).toMatch(/And \d+ more\.$/);
    expect(message?.length).toBeLessThanOrEqual(500);
    expect(inventoryChangeMessage(MACHINE, MACHINE)).toBeNull();
  });

  test('is told in whole sentences, of whatever machines', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const gpu = fc.record({ vendor: text, model: text, memoryBytes: fc.option(fc.nat()), driver: fc.option(text) });
    const machine = fc
      .record({ gpus: fc.array(gpu, { maxLength: 4 }), kernel: text, model: text, memoryBytes: fc.nat() })
      .map(({ gpus, kernel, model, memoryBytes }) =>
        completeInventory({
          ...MACHINE,
          gpus,
          memoryBytes,
          os: { ...MACHINE.os, kernel },
          cpu: { ...MACHINE.cpu, model },
        }),
      );
    fc.assert(
      fc.property(machine, machine, (one, other) => {
        expect(inventoryChanges(one, one)).toEqual([]);
        for (const sentence of inventoryChanges(one, other)) expect(sentence).toMatch(/\.$/);
        expect(inventoryChangeMessage(one, other)?.length ?? 0).toBeLessThanOrEqual(500);
      }),
    );
  });
});
