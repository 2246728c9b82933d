/** An inventory of a machine with two GPUs, to be changed by tests. */
import type { Gpu, Inventory } from '../../../src/core/fleet/inventory.ts';

export const GIB = 2 ** 30;

export const RTX_4090: Gpu = {
  vendor: 'NVIDIA',
  model: 'NVIDIA GeForce RTX 4090',
  memoryBytes: 24_564 * 2 ** 20,
  driver: '550.54.14',
  computeCapability: '8.9',
  address: '0000:01:00.0',
};

export const MACHINE: Inventory = {
  atMs: 1_000,
  hostName: 'rig-01',
  os: { platform: 'linux', distribution: 'Debian GNU/Linux', release: '12', kernel: '6.1.0-28-amd64', arch: 'x64' },
  machine: { manufacturer: 'Supermicro', model: 'AS-4124', isVirtual: false },
  cpu: {
    model: 'AMD EPYC 7543',
    physicalCores: 16,
    logicalCores: 32,
    maxFrequencyHz: 3.7e9,
    instructionSets: ['avx', 'avx2'],
    caches: [
      { name: 'L1d', sizeBytes: 16 * 32 * 2 ** 10, count: 16 },
      { name: 'L2', sizeBytes: 16 * 512 * 2 ** 10, count: 16 },
      { name: 'L3', sizeBytes: 128 * 2 ** 20, count: 4 },
    ],
  },
  memoryBytes: 62.7 * GIB,
  swapBytes: 8 * GIB,
  gpus: [RTX_4090, { ...RTX_4090, address: '0000:81:00.0' }],
  cudaDriverVersion: '12.4',
  simulated: [],
  disks: [
    { device: '/dev/nvme0n1', model: 'Samsung 990 PRO', kind: 'nvme', sizeBytes: 2e12 },
    { device: '/dev/sda', model: 'WD Red', kind: 'hdd', sizeBytes: 8e12 },
  ],
  nics: [
    { name: 'eno1', macAddress: '3c:ec:ef:00:00:01', speedBitsPerSecond: 1e10, isVirtual: false },
    { name: 'docker0', macAddress: '02:42:ac:11:00:02', speedBitsPerSecond: null, isVirtual: true },
  ],
  software: [
    { name: 'docker', version: '24.0.7' },
    { name: 'python', version: '3.11.2' },
    { name: 'python', version: '3.12.1' },
    { name: 'cuda', version: '12.2.140' },
    { name: 'gcc', version: '12.2.0' },
    { name: 'node', version: null },
  ],
};
