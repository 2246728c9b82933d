/** An inventory in words, a few lines to a heading: the same in the window and on a terminal. */
import { formatBytes, formatGigabytes, formatValue, NO_VALUE } from '../metrics/format.ts';
import type { Cache, Gpu, InstalledSoftware, Inventory } from './inventory.ts';
import { SOFTWARE } from './software.ts';

export type Facts = readonly (readonly [title: string, values: readonly string[]])[];

/** Headings without anything known are left out. */
export function inventoryFacts(inventory: Inventory): Facts {
  const { os, machine, cpu, gpus, disks, nics } = inventory;
  const isVirtual = machine.isVirtual === true ? 'virtual' : null;
  const facts: [string, string[]][] = [
    ['Simulated', [inventory.simulated.join(', ')]],
    ['Machine', [joined([machine.manufacturer, machine.model, isVirtual])]],
    ['System', [joined([`${os.distribution} ${os.release}`, os.kernel, os.arch])]],
    [
      'CPU',
      [
        joined([cpu.model, coreWords(cpu), cpu.maxFrequencyHz && `up to ${formatValue('Hz', cpu.maxFrequencyHz)}`]),
        joined((cpu.caches ?? []).filter(({ name }) => !name.startsWith('L1')).map(cacheWords)),
      ],
    ],
    [
      'Memory',
      [joined([formatBytes(inventory.memoryBytes), inventory.swapBytes && `swap ${formatBytes(inventory.swapBytes)}`])],
    ],
    [
      'GPU',
      [...gpus.map(gpuWords), inventory.cudaDriverVersion === null ? '' : `CUDA up to ${inventory.cudaDriverVersion}`],
    ],
    [
      'Disk',
      disks.map((disk) =>
        joined([disk.device, disk.model, kindWords(disk.kind), disk.sizeBytes && formatGigabytes(disk.sizeBytes)]),
      ),
    ],
    [
      'Network',
      nics.map((nic) =>
        joined([nic.name, nic.macAddress, nic.speedBitsPerSecond && speedWords(nic.speedBitsPerSecond)]),
      ),
    ],
    ['Software', softwareLines(inventory.software ?? [])],
  ];
  return facts
    .map(([title, values]) => [title, counted(values.filter((value) => value !== ''))] as const)
    .filter(([, values]) => values.length > 0);
}

function joined(parts: readonly (string | number | null)[]): string {
  return parts.filter((part) => part !== null && part !== 0 && part !== '' && part !== NO_VALUE).join(' · ');
}

function coreWords({ physicalCores, logicalCores }: Inventory['cpu']): string {
  return physicalCores === null ? `${logicalCores} threads` : `${physicalCores} cores, ${logicalCores} threads`;
}

function cacheWords({ name, sizeBytes }: Cache): string {
  return `${name} ${formatBytes(sizeBytes)}`;
}

function gpuWords({ vendor, model, memoryBytes, driver, computeCapability }: Gpu): string {
  return joined([
    model || vendor,
    memoryBytes && formatBytes(memoryBytes),
    computeCapability && `compute ${computeCapability}`,
    driver && `driver ${driver}`,
  ]);
}

function kindWords(kind: Inventory['disks'][number]['kind']): string | null {
  return kind === 'unknown' ? null : kind === 'virtual' ? 'virtual' : kind.toUpperCase();
}

function speedWords(bitsPerSecond: number): string {
  return bitsPerSecond >= 1e9 ? `${bitsPerSecond / 1e9}\u00a0Gbit/s` : `${bitsPerSecond / 1e6}\u00a0Mbit/s`;
}

/** One line a group: `Docker 28.2.2 · Podman 4.3.1`. */
function softwareLines(software: readonly InstalledSoftware[]): string[] {
  const groups = new Map<string, string[]>();
  for (const { name, version } of software) {
    const { title, group } = SOFTWARE[name];
    const words = version === null ? title : `${title} ${version}`;
    groups.set(group, [...(groups.get(group) ?? []), words]);
  }
  return [...groups.values()].map(joined);
}

/** Equal parts in one line: `2× NVIDIA GeForce RTX 4090 · 24 GiB`. */
function counted(values: readonly string[]): readonly string[] {
  return [...new Set(values)].map((value) => {
    const count = values.filter((other) => other === value).length;
    return count > 1 ? `${count}× ${value}` : value;
  });
}
