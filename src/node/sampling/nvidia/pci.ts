/**
 * NVIDIA GPUs on the PCI bus, and whether they sleep.
 * Source: the kernel's Documentation/ABI/testing/sysfs-devices-power. Reading these files wakes nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface PciGpu {
  readonly busId: string;
  readonly isSuspended: boolean;
  /** Runtime power management is on: the GPU falls asleep when nothing uses it. */
  readonly maySleep: boolean;
}

/** Places of the GPUs on the bus; none where there is no such bus. Read anew rarely: GPUs are seldom plugged in. */
export function findNvidiaGpus(sysRoot: string): readonly string[] {
  const folder = `${sysRoot}/bus/pci/devices`;
  return entriesOf(folder).filter(
    (busId) => textOf(`${folder}/${busId}/vendor`) === '0x10de' && /^0x03/.test(textOf(`${folder}/${busId}/class`)),
  );
}

export function readPciGpus(sysRoot: string, busIds: readonly string[]): readonly PciGpu[] {
  return busIds.map((busId) => {
    const power = `${sysRoot}/bus/pci/devices/${busId}/power`;
    return {
      busId,
      isSuspended: textOf(`${power}/runtime_status`) === 'suspended',
      maySleep: textOf(`${power}/control`) === 'auto',
    };
  });
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
