/** A short text that stays the same as long as the hardware does, in whatever order its parts are found. */
import type { Inventory } from './inventory.ts';
import { installedMemoryBytes } from './memory-size.ts';

/**
 * Sixteen hex digits in groups of four. Left out is what changes by itself: times, names, drivers, software, speeds, device
 * letters, virtual networks and made-up MAC addresses. Not for proofs: it is no cryptographic hash.
 */
export function hardwareFingerprint(inventory: Inventory): string {
  const { os, machine, cpu, memoryBytes, gpus, disks, nics } = inventory;
  const parts = [
    ['arch', os.arch],
    ['machine', machine.manufacturer, machine.model],
    ['cpu', cpu.model, cpu.physicalCores, cpu.logicalCores],
    ['memory', installedMemoryBytes(memoryBytes)],
    ...gpus.map((gpu) => ['gpu', gpu.model, gpu.memoryBytes === null ? null : installedMemoryBytes(gpu.memoryBytes)]),
    ...disks.map((disk) => ['disk', disk.model, disk.kind, disk.sizeBytes]),
    ...nics
      .filter((nic) => !nic.isVirtual && nic.macAddress !== null && !isMadeUp(nic.macAddress))
      .map((nic) => ['nic', nic.macAddress?.toLowerCase()]),
  ];
  const text = parts
    .map((part) => JSON.stringify(part))
    .sort()
    .join('\n');
  const hex = fnv1a(text).toString(16).padStart(16, '0');
  return hex.match(/.{4}/g)?.join(' ') ?? hex;
}

/** Locally administered (IEEE 802, the second bit of the first byte): software gave it, perhaps another at each start. */
export function isMadeUp(macAddress: string): boolean {
  return (Number.parseInt(macAddress.slice(0, 2), 16) & 2) !== 0;
}

/** FNV-1a, 64 bits (RFC 9923), over the UTF-16 units. */
function fnv1a(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < text.length; index += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(index))) * 0x100000001b3n);
  }
  return hash;
}
