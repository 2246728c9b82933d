/** Which GPUs came and went between two inventories, and their drivers. */
import { formatBytes } from '../metrics/format.ts';
import { shortModel, vendorOf } from './gpus.ts';
import type { Gpu, Inventory } from './inventory.ts';

const MEMORY_SLACK = 0.02;

const VENDOR_TITLES: Readonly<Record<string, string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  intel: 'Intel',
  apple: 'Apple',
};

export function changedGpus(before: Inventory, after: Inventory): readonly string[] {
  const { pairs, gone, come } = matched(before.gpus, after.gpus);
  return [
    ...gone.map((gpu) => `${titleOf(gpu, before.gpus)} is gone.`),
    ...come.map((gpu) => `${titleOf(gpu, after.gpus)} is new.`),
    ...pairs.flatMap(([old, now]) => changedGpu(old, now, before.gpus)),
    ...changedDrivers(before, after),
  ];
}

interface Matching {
  readonly pairs: readonly (readonly [before: Gpu, after: Gpu])[];
  readonly gone: readonly Gpu[];
  readonly come: readonly Gpu[];
}

/** By their place on the bus first, then by model: a card may be moved, and older inventories know no places. */
function matched(before: readonly Gpu[], after: readonly Gpu[]): Matching {
  const gone = [...before];
  const come = [...after];
  const pairs: [Gpu, Gpu][] = [];
  const isSameModel = (one: Gpu, other: Gpu) => one.model === other.model;
  const isSamePlace = (one: Gpu, other: Gpu) => one.address !== null && one.address === other.address;
  const mayBeMoved = (one: Gpu, other: Gpu) => isSameModel(one, other) || isKnownBetter(one, other);
  for (const isSame of [
    (one: Gpu, other: Gpu) => isSamePlace(one, other) && isSameModel(one, other),
    isSameModel,
    (one: Gpu, other: Gpu) => isSamePlace(one, other),
    mayBeMoved,
  ]) {
    for (const old of [...gone]) {
      const now = come.find((gpu) => isSame(old, gpu));
      if (now === undefined) continue;
      pairs.push([old, now]);
      gone.splice(gone.indexOf(old), 1);
      come.splice(come.indexOf(now), 1);
    }
  }
  return { pairs, gone, come };
}

/** The same card under two names: what the bus calls it (`AD102 [GeForce RTX 4090]`), and what its driver does. */
function isKnownBetter(one: Gpu, other: Gpu): boolean {
  const names = [one.model, other.model].map((model) => shortModel(model).toLowerCase());
  const [first = '', second = ''] = names;
  return vendorOf(one) === vendorOf(other) && (first.includes(second) || second.includes(first));
}

function changedGpu(old: Gpu, now: Gpu, all: readonly Gpu[]): readonly string[] {
  if (old.model !== now.model && !isKnownBetter(old, now)) {
    return [`GPU ${all.indexOf(old)}: ${name(old)} → ${name(now)}.`];
  }
  if (old.memoryBytes === null || now.memoryBytes === null || old.model !== now.model) return [];
  const difference = Math.abs(old.memoryBytes - now.memoryBytes);
  if (difference <= MEMORY_SLACK * Math.max(old.memoryBytes, now.memoryBytes)) return [];
  return [`${titleOf(old, all)}: memory ${formatBytes(old.memoryBytes)} → ${formatBytes(now.memoryBytes)}.`];
}

/** One driver serves all cards of a maker. */
function changedDrivers(before: Inventory, after: Inventory): readonly string[] {
  const sentences = Object.entries(VENDOR_TITLES).flatMap(([vendor, title]) => {
    const [old, now] = [before, after].map(({ gpus }) => driverOf(gpus, vendor));
    return old == null || now == null || old === now ? [] : [`${title} driver ${old} → ${now}.`];
  });
  const [old, now] = [before.cudaDriverVersion, after.cudaDriverVersion];
  return old === null || now === null || old === now ? sentences : [...sentences, `CUDA driver ${old} → ${now}.`];
}

function driverOf(gpus: readonly Gpu[], vendor: string): string | null {
  return (
    gpus
      .find((gpu) => gpu.driver !== null && vendorOf(gpu) === vendor)
      ?.driver?.slice(0, 40)
      .toWellFormed() ?? null
  );
}

function titleOf(gpu: Gpu, all: readonly Gpu[]): string {
  return `GPU ${all.indexOf(gpu)} (${name(gpu)})`;
}

function name({ vendor, model }: Gpu): string {
  return (shortModel(model) || vendor || 'unknown').slice(0, 60).toWellFormed();
}
