/**
 * What Linux tells of the processor: instruction sets and caches.
 * Sources: proc(5), `/proc/cpuinfo`; Documentation/ABI/testing/sysfs-devices-system-cpu, `cacheinfo`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { instructionSetsFrom } from '../../../core/fleet/instruction-sets.ts';
import type { Cache } from '../../../core/fleet/inventory.ts';
import type { Roots } from './roots.ts';

/** Null where the kernel does not say. The first processor speaks for all. */
export function readInstructionSets(roots: Roots): readonly string[] | null {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(textOf(`${roots.proc}/cpuinfo`));
  return line === null ? null : instructionSetsFrom(line[1] ?? '');
}

/** Each cache counts once, however many processors share it; null where the kernel tells of none. */
export function readCaches(roots: Roots): readonly Cache[] | null {
  const folder = `${roots.sys}/devices/system/cpu`;
  const seen = new Set<string>();
  const caches = new Map<string, { sizeBytes: number; count: number }>();
  for (const cpu of entriesOf(folder).filter((entry) => /^cpu\d+$/.test(entry))) {
    for (const index of entriesOf(`${folder}/${cpu}/cache`).filter((entry) => entry.startsWith('index'))) {
      const read = (file: string) => textOf(`${folder}/${cpu}/cache/${index}/${file}`).trim();
      const name = cacheName(read('level'), read('type'));
      const sizeBytes = sizeIn(read('size'));
      const place = `${name} ${read('shared_cpu_list') || cpu}`;
      if (name === null || sizeBytes === null || seen.has(place)) continue;
      seen.add(place);
      const sum = caches.get(name) ?? { sizeBytes: 0, count: 0 };
      caches.set(name, { sizeBytes: sum.sizeBytes + sizeBytes, count: sum.count + 1 });
    }
  }
  if (caches.size === 0) return null;
  return [...caches].map(([name, sum]) => ({ name, ...sum })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function cacheName(level: string, type: string): string | null {
  if (!/^[1-9]$/.test(level)) return null;
  const kind = type === 'Data' ? 'd' : type === 'Instruction' ? 'i' : '';
  return `L${level}${level === '1' ? kind : ''}`;
}

/** `1024K`: always in KiB. */
function sizeIn(text: string): number | null {
  const match = /^(\d+)K$/.exec(text);
  return match === null || Number(match[1]) === 0 ? null : Number(match[1]) * 1_024;
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
