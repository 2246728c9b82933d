/**
 * What the machine is made of, from systeminformation.
 *
 * The library answers an empty string, 0 or -1 for what it does not know, and takes a virtual disk for a hard disk; here
 * such answers become null or what they are.
 */
import { totalmem } from 'node:os';
import type { Systeminformation } from 'systeminformation';
import type { Inventory } from '../../../core/fleet/inventory.ts';
import { pciAddress } from '../pci-address.ts';

const MIB = 1_048_576;

/** The library's raw answers, as far as they are used. */
export interface InventoryAnswers {
  readonly system: Systeminformation.SystemData;
  readonly os: Systeminformation.OsData;
  readonly cpu: Systeminformation.CpuData;
  readonly memory: Systeminformation.MemData;
  readonly graphics: Systeminformation.GraphicsData;
  readonly disks: readonly Systeminformation.DiskLayoutData[];
  readonly blockDevices: readonly Systeminformation.BlockDevicesData[];
  readonly nics: readonly Systeminformation.NetworkInterfacesData[];
}

/** Asks for everything, one after another: each question may start a shell. Takes seconds; may throw. */
export async function askInventory(): Promise<InventoryAnswers> {
  const library = await import('systeminformation');
  return {
    os: await library.osInfo(),
    cpu: await library.cpu(),
    system: await library.system(),
    memory: await library.mem(),
    graphics: await library.graphics(),
    disks: await library.diskLayout(),
    blockDevices: await library.blockDevices(),
    nics: [await library.networkInterfaces()].flat(),
  };
}

/** What the library knows; `inventory/read-inventory.ts` adds the rest. */
export function inventoryFrom(answers: InventoryAnswers, atMs: number, memoryBytes = totalmem()): Inventory {
  const { system, os, cpu, memory, graphics } = answers;
  return {
    atMs,
    hostName: os.hostname,
    os: {
      platform: os.platform,
      distribution: os.distro,
      release: os.release,
      kernel: os.kernel,
      arch: os.arch,
    },
    machine: {
      manufacturer: textOrNull(system.manufacturer),
      model: textOrNull(system.manufacturer) === null ? null : textOrNull(system.model),
      // The processor itself tells of a hypervisor that left no trace in the firmware's tables.
      isVirtual:
        system.virtual || / hypervisor /.test(` ${cpu.flags} `)
          ? true
          : textOrNull(system.model) === null
            ? null
            : false,
    },
    cpu: {
      model: [cpu.manufacturer, cpu.brand].filter((part) => textOrNull(part) !== null).join(' ') || 'unknown',
      physicalCores: positiveOrNull(cpu.physicalCores),
      logicalCores: cpu.cores,
      maxFrequencyHz: scaledOrNull(positiveOrNull(cpu.speedMax) ?? positiveOrNull(cpu.speed), 1e9),
      instructionSets: null,
      caches: null,
    },
    memoryBytes,
    swapBytes: memory.swaptotal,
    gpus: graphics.controllers.map((gpu) => ({
      vendor: gpu.vendor,
      model: gpu.model,
      memoryBytes: scaledOrNull(positiveOrNull(gpu.memoryTotal) ?? positiveOrNull(gpu.vram), MIB),
      driver: textOrNull(gpu.driverVersion),
      computeCapability: null,
      address: pciAddress(gpu.busAddress ?? ''),
    })),
    cudaDriverVersion: null,
    simulated: [],
    disks: disksFrom(answers),
    nics: answers.nics
      .filter(({ internal }) => !internal)
      .map((nic) => ({
        name: nic.iface,
        macAddress: textOrNull(nic.mac),
        speedBitsPerSecond: scaledOrNull(positiveOrNull(nic.speed), 1e6),
        isVirtual: nic.virtual,
      })),
    software: null,
  };
}

/** Whole disks. The layout knows their models; where it knows nothing (most virtual machines), the block devices do. */
function disksFrom({ disks, blockDevices }: InventoryAnswers): Inventory['disks'] {
  if (disks.length > 0) {
    return disks.map((disk) => ({
      device: disk.device,
      model: textOrNull(disk.name),
      kind: diskKind(disk.device, `${disk.type} ${disk.interfaceType}`),
      sizeBytes: positiveOrNull(disk.size),
    }));
  }
  return blockDevices
    .filter(({ type, size }) => type === 'disk' && size > 0)
    .map((device) => ({
      device: device.device ?? `/dev/${device.name}`,
      model: textOrNull(device.model),
      kind: diskKind(device.name, device.physical),
      sizeBytes: device.size,
    }));
}

function diskKind(device: string, words: string): Inventory['disks'][number]['kind'] {
  if (/(^|\/)(vd|xvd)[a-z]/.test(device)) return 'virtual';
  if (/nvme/i.test(`${device} ${words}`)) return 'nvme';
  if (/ssd/i.test(words)) return 'ssd';
  return /hd/i.test(words) ? 'hdd' : 'unknown';
}

function textOrNull(text: string | null | undefined): string | null {
  return text === null ||
    text === undefined ||
    /^(|-|unknown|none|not specified|to be filled by o\.e\.m\.)$/i.test(text.trim())
    ? null
    : text.trim();
}

function positiveOrNull(number: number | null | undefined): number | null {
  return typeof number === 'number' && number > 0 ? number : null;
}

function scaledOrNull(number: number | null, scale: number): number | null {
  return number === null ? null : number * scale;
}
