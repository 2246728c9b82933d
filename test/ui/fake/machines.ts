/** The machines of the fake lab: twelve unlike ones, repeated under new names for larger fleets. */
import type { Inventory } from '../../../src/core/fleet/inventory.ts';

export interface Machine {
  readonly name: string;
  readonly headline: string;
  readonly cpuModel: string;
  readonly threads: number;
  readonly memoryGibibytes: number;
  readonly isSimulated: boolean;
  readonly gpus: readonly { readonly model: string; readonly gibibytes: number }[];
  readonly disks: readonly string[];
  readonly nics: readonly string[];
  readonly os: readonly [distribution: string, release: string];
  readonly hasHeat: boolean;
  readonly hasPower: boolean;
  /** Mean CPU load, 0..1. */
  readonly load: number;
}

function machine(name: string, part: Partial<Machine>): Machine {
  return {
    name,
    headline: `${part.threads ?? 8} cores`,
    cpuModel: 'Intel Core i7-12700',
    threads: 8,
    memoryGibibytes: 32,
    isSimulated: false,
    gpus: [],
    disks: ['nvme0n1'],
    nics: ['eno1'],
    os: ['Debian GNU/Linux', '12'],
    hasHeat: true,
    hasPower: true,
    load: 0.2,
    ...part,
  };
}

const RTX_4090 = { model: 'NVIDIA GeForce RTX 4090', gibibytes: 24 };
const RTX_3080 = { model: 'NVIDIA GeForce RTX 3080', gibibytes: 10 };

const MACHINES: readonly Machine[] = [
  machine('bench-desk', { gpus: [{ model: 'Radeon RX 6600', gibibytes: 8 }], load: 0.18, threads: 20 }),
  machine('rig-01', {
    headline: '2× RTX 4090',
    gpus: [RTX_4090, RTX_4090],
    load: 0.71,
    threads: 32,
    cpuModel: 'AMD Ryzen 9 7950X',
    disks: ['nvme0n1', 'nvme1n1'],
    memoryGibibytes: 128,
  }),
  machine('rig-02', {
    headline: '2× RTX 4090',
    gpus: [RTX_4090, RTX_4090],
    load: 0.64,
    threads: 32,
    cpuModel: 'AMD Ryzen 9 7950X',
    memoryGibibytes: 128,
  }),
  machine('rig-03', {
    headline: 'RTX 3080',
    gpus: [RTX_3080],
    load: 0.93,
    threads: 32,
    cpuModel: 'AMD Ryzen 9 5950X',
    memoryGibibytes: 64,
  }),
  machine('rig-04', { headline: 'RTX 3080', gpus: [RTX_3080], load: 0.07, threads: 32, cpuModel: 'AMD Ryzen 9 5950X' }),
  machine('epyc-a', {
    headline: '64 cores',
    threads: 128,
    cpuModel: 'AMD EPYC 7713',
    memoryGibibytes: 512,
    load: 0.83,
    nics: ['enp65s0f0', 'enp65s0f1'],
  }),
  machine('epyc-b', {
    headline: '64 cores',
    threads: 128,
    cpuModel: 'AMD EPYC 7713',
    memoryGibibytes: 512,
    load: 0.46,
  }),
  machine('arm-01', { hasPower: false, cpuModel: 'Ampere Altra', load: 0.12, disks: ['mmcblk0'] }),
  machine('arm-02', { hasPower: false, cpuModel: 'Ampere Altra', load: 0.09, disks: ['mmcblk0'] }),
  machine('mac-mini', {
    headline: 'M4 Pro',
    cpuModel: 'Apple M4 Pro',
    threads: 12,
    gpus: [{ model: 'Apple M4 Pro', gibibytes: 24 }],
    load: 0.15,
    os: ['macOS', '15.1'],
    disks: ['disk0'],
    nics: ['en0'],
  }),
  machine('hil-bench-1', { headline: 'HIL rack', hasPower: false, load: 0.38 }),
  machine('hil-bench-2', { headline: 'HIL rack', hasPower: false, load: 0.3 }),
];

export const PLAIN_MACHINE = machine('labwatch-vm', {
  headline: '2 cores',
  cpuModel: 'Intel Xeon Processor (Skylake, IBRS)',
  threads: 2,
  memoryGibibytes: 24,
  disks: ['vda'],
  nics: ['eth0'],
  hasHeat: false,
  hasPower: false,
  load: 0.24,
});

export function machineAt(index: number): Machine {
  const model = MACHINES[index % MACHINES.length] as Machine;
  const round = Math.floor(index / MACHINES.length);
  return round === 0
    ? model
    : { ...model, name: `${model.name.replace(/-\d+$/, '')}-${String(index).padStart(3, '0')}` };
}

export function inventoryOf(machine: Machine, atMs: number): Inventory {
  const gibibyte = 2 ** 30;
  return {
    atMs,
    hostName: machine.name,
    os: {
      platform: machine.os[0] === 'macOS' ? 'darwin' : 'linux',
      distribution: machine.os[0],
      release: machine.os[1],
      kernel: '6.1.0-28-amd64',
      arch: machine.cpuModel.startsWith('A') && !machine.cpuModel.startsWith('AMD') ? 'arm64' : 'x64',
    },
    machine: { manufacturer: 'Supermicro', model: 'Super Server', isVirtual: !machine.hasHeat },
    cpu: {
      model: machine.cpuModel,
      physicalCores: Math.ceil(machine.threads / 2),
      logicalCores: machine.threads,
      maxFrequencyHz: 4.7e9,
      instructionSets: machine.cpuModel.startsWith('Apple') ? ['neon'] : ['avx', 'avx2'],
      caches: [{ name: 'L3', sizeBytes: 64 * 2 ** 20, count: 1 }],
    },
    memoryBytes: machine.memoryGibibytes * gibibyte,
    swapBytes: 8 * gibibyte,
    gpus: machine.gpus.map(({ model, gibibytes }, index) => ({
      vendor: model.split(' ')[0] ?? '',
      model,
      memoryBytes: gibibytes * gibibyte,
      driver: '550.120',
      computeCapability: model.includes('4090') ? '8.9' : '8.6',
      address: `0000:${(index + 1).toString(16).padStart(2, '0')}:00.0`,
    })),
    cudaDriverVersion: machine.gpus.length === 0 ? null : '12.4',
    simulated: machine.isSimulated ? ['GPU'] : [],
    disks: machine.disks.map((device) => ({
      device,
      model: device.startsWith('nvme') ? 'Samsung SSD 990 PRO 2TB' : null,
      kind: device.startsWith('nvme') ? 'nvme' : 'virtual',
      sizeBytes: 2e12,
    })),
    nics: machine.nics.map((name) => ({
      name,
      macAddress: '3c:ec:ef:00:00:01',
      speedBitsPerSecond: 1e10,
      isVirtual: false,
    })),
    software: [
      { name: 'docker', version: '24.0.7' },
      { name: 'python', version: '3.11.2' },
      { name: 'gcc', version: '12.2.0' },
    ],
  };
}
