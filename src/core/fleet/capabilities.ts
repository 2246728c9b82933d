/**
 * What a worker can do, as texts that plans and filters ask for: `gpu.nvidia`, `gpu.compute=8.9`, `avx2`, `python=3.11.2`.
 * `docs/capabilities.md` tells them all; `requirement.ts` asks for them.
 */

import { computingGpus, vendorOf } from './gpus.ts';
import type { Gpu, Inventory } from './inventory.ts';
import { installedMemoryBytes } from './memory-size.ts';
import { SOFTWARE } from './software.ts';

/** `name` or `name=version`, all lower case but for units. */
export type Capability = string;

/** Part of this machine is made up by a profile. */
export const SIMULATED: Capability = 'simulated';

const GIB = 2 ** 30;

/** Each once, in the order of the parts of a machine. What is not known makes no capability. */
export function capabilitiesOf(inventory: Inventory): readonly Capability[] {
  const all = [
    inventory.simulated.length === 0 ? null : SIMULATED,
    ...systemCapabilities(inventory),
    ...processorCapabilities(inventory),
    ...gpuCapabilities(inventory),
    ...(inventory.software ?? []).map(({ name, version }) => valued(SOFTWARE[name].capability, version)),
  ];
  return [...new Set(all.filter((capability) => capability !== null))];
}

/** A map, for a machine may call its platform whatever it likes: `toString`, too. */
const PLATFORMS = new Map([
  ['darwin', 'macos'],
  ['win32', 'windows'],
]);

function systemCapabilities({ os }: Inventory): readonly (Capability | null)[] {
  const platform = word(PLATFORMS.get(os.platform) ?? os.platform);
  const arch = word(os.arch);
  // `Debian GNU/Linux` is `debian`.
  const distribution = platform === 'linux' ? word(os.distribution.split(/\s/)[0] ?? '') : null;
  const kernel = versionIn(os.kernel);
  return [
    platform === null ? null : `os.${platform}`,
    distribution === null ? null : valued(`os.${distribution}`, versionIn(os.release)),
    platform !== 'linux' || kernel === null ? null : `kernel=${kernel}`,
    arch === null ? null : `arch.${arch}`,
  ];
}

function processorCapabilities({ cpu, memoryBytes }: Inventory): readonly (Capability | null)[] {
  return [
    cpu.physicalCores === null ? null : `cpu.cores=${cpu.physicalCores}`,
    cpu.logicalCores > 0 ? `cpu.threads=${cpu.logicalCores}` : null,
    ...(cpu.caches ?? [])
      .filter(({ name }) => /^L[23]$/.test(name))
      .map(({ name, sizeBytes }) => `cpu.${name.toLowerCase()}=${inLargestUnit(sizeBytes)}`),
    ...(cpu.instructionSets ?? []).map(word),
    memoryBytes > 0 ? `memory=${inLargestUnit(installedMemoryBytes(memoryBytes))}` : null,
  ];
}

function gpuCapabilities(inventory: Inventory): readonly (Capability | null)[] {
  const gpus = computingGpus(inventory.gpus);
  return [
    ...gpus.map((gpu) => {
      const vendor = vendorOf(gpu);
      return vendor === null ? null : `gpu.${vendor}`;
    }),
    gpus.length === 0 ? null : `gpu.count=${gpus.length}`,
    ...gpus.map(({ computeCapability }) => known('gpu.compute', computeCapability)),
    ...gpus.map(memoryCapability),
    ...gpus.map((gpu) => (vendorOf(gpu) === 'nvidia' ? known('gpu.driver', gpu.driver) : null)),
    known('cuda.driver', inventory.cudaDriverVersion),
  ];
}

/** In whole GiB upwards, as cards are sold: one of 24 GiB shows 24 564 MiB. */
function memoryCapability({ memoryBytes }: Gpu): Capability | null {
  return memoryBytes === null ? null : `gpu.memory=${Math.ceil(memoryBytes / GIB)}GiB`;
}

function inLargestUnit(bytes: number): string {
  const [size, unit] = bytes % GIB === 0 ? [GIB, 'GiB'] : bytes >= 2 ** 20 ? [2 ** 20, 'MiB'] : [2 ** 10, 'KiB'];
  return `${Math.floor(bytes / size)}${unit}`;
}

function known(name: string, version: string | null): Capability | null {
  return version === null ? null : valued(name, versionIn(version));
}

function valued(name: string, version: string | null): Capability {
  return version === null ? name : `${name}=${version}`;
}

/** The first version in a text: `6.1.0-18-amd64` is 6.1.0. */
function versionIn(text: string): string | null {
  return /\d+(?:\.\d+)*/.exec(text)?.[0].slice(0, 40) ?? null;
}

/** A part of a name; null where nothing of the text can be one. */
function word(text: string): string | null {
  const parts = text
    .toLowerCase()
    .slice(0, 40)
    .split(/[^a-z0-9.]+|\.{2,}/)
    .map((part) => part.replaceAll(/^\.|\.$/g, ''))
    .filter((part) => part !== '');
  const joined = parts.join('-');
  return /^[a-z]/.test(joined) ? joined : null;
}
