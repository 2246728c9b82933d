import { cpus, hostname, totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import {
  askInventory,
  type InventoryAnswers,
  inventoryFrom,
} from '../../../src/node/sampling/systeminformation/inventory.ts';

/** Answers as the library gives them for a machine it knows little about. */
function vagueAnswers(change: Record<string, unknown> = {}): InventoryAnswers {
  return {
    os: { platform: 'linux', distro: 'Debian GNU/Linux', release: '12', kernel: '6.18.0', arch: 'x64', hostname: 'vm' },
    cpu: {
      manufacturer: 'AMD',
      brand: 'EPYC',
      physicalCores: 2,
      cores: 2,
      speed: 0,
      speedMax: 0,
      flags: 'fpu hypervisor lm',
    },
    system: { manufacturer: '', model: 'Docker Container', virtual: false },
    memory: { swaptotal: 0 },
    graphics: { controllers: [] },
    disks: [],
    blockDevices: [
      { name: 'vda', type: 'disk', size: 274_877_906_944, physical: 'HDD', model: '', device: '/dev/vda' },
      { name: 'zram0', type: 'disk', size: 0, physical: 'SSD', model: '', device: '/dev/zram0' },
      { name: 'vda1', type: 'part', size: 100, physical: '', model: '', device: '/dev/vda1' },
    ],
    nics: [
      { iface: 'lo', mac: '00:00:00:00:00:00', internal: true, virtual: false, speed: null },
      { iface: 'eth0', mac: '02:fc:00:00:00:01', internal: false, virtual: false, speed: -1 },
    ],
    ...change,
  } as unknown as InventoryAnswers;
}

describe('the inventory', () => {
  test('leaves open what the library does not know, and guesses nothing', () => {
    expect(inventoryFrom(vagueAnswers(), 5, 25_276_026_880)).toEqual({
      atMs: 5,
      hostName: 'vm',
      os: { platform: 'linux', distribution: 'Debian GNU/Linux', release: '12', kernel: '6.18.0', arch: 'x64' },
      machine: { manufacturer: null, model: null, isVirtual: true },
      cpu: {
        model: 'AMD EPYC',
        physicalCores: 2,
        logicalCores: 2,
        maxFrequencyHz: null,
        instructionSets: null,
        caches: null,
      },
      memoryBytes: 25_276_026_880,
      swapBytes: 0,
      gpus: [],
      cudaDriverVersion: null,
      simulated: [],
      disks: [{ device: '/dev/vda', model: null, kind: 'virtual', sizeBytes: 274_877_906_944 }],
      nics: [{ name: 'eth0', macAddress: '02:fc:00:00:00:01', speedBitsPerSecond: null, isVirtual: false }],
      software: null,
    });
  });

  test('of a workstation tells models, sizes and speeds', () => {
    const inventory = inventoryFrom(
      vagueAnswers({
        cpu: {
          manufacturer: 'Intel',
          brand: 'Core i9',
          physicalCores: 8,
          cores: 16,
          speed: 3.6,
          speedMax: 5,
          flags: 'fpu',
        },
        system: { manufacturer: 'LENOVO', model: '21CB', virtual: false },
        graphics: {
          controllers: [
            {
              vendor: 'NVIDIA',
              model: 'RTX 4090',
              memoryTotal: 24_564,
              vram: 256,
              driverVersion: '550.54',
              busAddress: '01:00.0',
            },
          ],
        },
        disks: [
          { device: '/dev/nvme0n1', name: 'Samsung 990', type: 'NVMe', interfaceType: 'PCIe', size: 2e12 },
          { device: '/dev/sda', name: 'WD Red', type: 'HD', interfaceType: 'SATA', size: 8e12 },
          { device: '/dev/sdb', name: '', type: 'SSD', interfaceType: 'SATA', size: 0 },
        ],
        nics: [{ iface: 'eno1', mac: '', internal: false, virtual: false, speed: 10_000 }],
      }),
      0,
    );
    expect(inventory.machine).toEqual({ manufacturer: 'LENOVO', model: '21CB', isVirtual: false });
    expect(inventory.cpu.maxFrequencyHz).toBe(5e9);
    expect(inventory.gpus).toEqual([
      {
        vendor: 'NVIDIA',
        model: 'RTX 4090',
        memoryBytes: 24_564 * 1_048_576,
        driver: '550.54',
        computeCapability: null,
        address: '0000:01:00.0',
      },
    ]);
    expect(inventory.disks.map(({ kind }) => kind)).toEqual(['nvme', 'hdd', 'ssd']);
    expect(inventory.disks[2]).toMatchObject({ model: null, sizeBytes: null });
    expect(inventory.nics[0]).toMatchObject({ macAddress: null, speedBitsPerSecond: 1e10 });
  });

  test('of this machine is this machine’s', async () => {
    const inventory = inventoryFrom(await askInventory(), 0);
    expect(inventory.hostName).toBe(hostname());
    expect(inventory.cpu.logicalCores).toBe(cpus().length);
    expect(inventory.memoryBytes).toBe(totalmem());
    expect(inventory.disks.length).toBeGreaterThan(0);
  });
});
