/** What only NVIDIA's own program tells of the cards: what they can compute, their driver, and the CUDA it can run. */
import type { Gpu } from '../../../core/fleet/inventory.ts';
import { findNvidiaGpus } from '../nvidia/pci.ts';
import { unknownFieldIn } from '../nvidia/query.ts';
import { pciAddress } from '../pci-address.ts';
import { findProgram } from './program-search.ts';
import { runShortProgram } from './short-program.ts';

/** Where no process keeps the driver awake, it wakes each card first. */
const TIME_LIMIT_MS = 12_000;
const MIB = 1_048_576;

export interface NvidiaCards {
  readonly gpus: readonly Gpu[];
  readonly cudaDriverVersion: string | null;
}

/** The cards in the order in which CUDA counts them by default on the bus. `sysRoot` knows of cards whose driver does not answer. */
export async function askNvidiaCards(folders: readonly string[], sysRoot: string): Promise<NvidiaCards> {
  const file = findProgram('nvidia-smi', folders);
  const answered = file === null ? [] : await askCards(file);
  const cudaDriverVersion = file === null || answered.length === 0 ? null : await askCuda(file);
  const places = new Set(answered.map(({ address }) => address));
  const silent = findNvidiaGpus(sysRoot)
    .filter((address) => !places.has(address))
    .map((address) => ({ ...NAMELESS, address }));
  return { gpus: [...answered, ...silent], cudaDriverVersion };
}

const NAMELESS: Omit<Gpu, 'address'> = {
  vendor: 'NVIDIA',
  model: '',
  memoryBytes: null,
  driver: null,
  computeCapability: null,
};

/** The name comes last: it is the only one that might hold a comma. */
const FIELDS = ['pci.bus_id', 'compute_cap', 'driver_version', 'memory.total', 'name'];

async function askCards(file: string): Promise<readonly Gpu[]> {
  const lines = await linesOf(file, FIELDS);
  // Drivers before 470 do not know it.
  const isUnknown = lines.some((line) => unknownFieldIn(line) === 'compute_cap');
  const fields = FIELDS.filter((field) => field !== 'compute_cap');
  return isUnknown
    ? (await linesOf(file, fields)).flatMap((line) => gpuIn(line, fields))
    : lines.flatMap((line) => gpuIn(line, FIELDS));
}

async function linesOf(file: string, fields: readonly string[]): Promise<readonly string[]> {
  const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  const end = await runShortProgram({ file, args, timeLimitMs: TIME_LIMIT_MS });
  return end.kind === 'ended' ? end.output.split('\n') : [];
}

function gpuIn(line: string, fields: readonly string[]): readonly Gpu[] {
  const parts = line.split(', ').map((part) => part.trim());
  const address = pciAddress(parts[0] ?? '');
  if (address === null || parts.length < fields.length) return [];
  const at = (field: string) => (fields.includes(field) ? parts[fields.indexOf(field)]! : '');
  const mebibytes = at('memory.total');
  return [
    {
      vendor: 'NVIDIA',
      model: parts
        .slice(fields.length - 1)
        .join(', ')
        .slice(0, 256),
      memoryBytes: /^\d+$/.test(mebibytes) && Number(mebibytes) > 0 ? Number(mebibytes) * MIB : null,
      driver: versionOrNull(at('driver_version')),
      computeCapability: versionOrNull(at('compute_cap')),
      address,
    },
  ];
}

/** It stands in the head of what the program shows to people. */
async function askCuda(file: string): Promise<string | null> {
  const end = await runShortProgram({ file, args: [], timeLimitMs: TIME_LIMIT_MS });
  if (end.kind !== 'ended' && end.kind !== 'too-much') return null;
  return /CUDA (?:UMD )?Version\s*:\s*(\d+(?:\.\d+)*)/.exec(end.output)?.[1] ?? null;
}

function versionOrNull(text: string): string | null {
  return /^\d+(?:\.\d+)*$/.test(text) ? text : null;
}

/** The cards that NVIDIA's program knows in the place of what the library made of them. */
export function withNvidiaCards(gpus: readonly Gpu[], { gpus: cards }: NvidiaCards): readonly Gpu[] {
  const isNamed = (card: Gpu) => card.model !== '';
  const known = new Set(gpus.map(({ address }) => address));
  const better = new Map(cards.filter(isNamed).map((card) => [card.address, card]));
  const others = cards.filter(({ address }) => !known.has(address));
  // A library that could not tell where its NVIDIA cards are means the same ones.
  const kept = better.size === 0 ? gpus : gpus.filter((gpu) => gpu.address !== null || !/nvidia/i.test(gpu.vendor));
  return [...kept.map((gpu) => better.get(gpu.address) ?? gpu), ...others];
}
