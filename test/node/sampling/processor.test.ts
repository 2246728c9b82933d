import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCaches, readInstructionSets } from '../../../src/node/sampling/linux/processor.ts';
import { tempFolder } from '../../support/temp-folder.ts';

function treeOf(files: Readonly<Record<string, string>>): { readonly proc: string; readonly sys: string } {
  const root = tempFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return { proc: join(root, 'proc'), sys: join(root, 'sys') };
}

function cache(cpu: number, index: number, level: number, type: string, size: string, shared: string) {
  const folder = `sys/devices/system/cpu/cpu${cpu}/cache/index${index}`;
  return {
    [`${folder}/level`]: String(level),
    [`${folder}/type`]: type,
    [`${folder}/size`]: size,
    [`${folder}/shared_cpu_list`]: shared,
  };
}

describe('the processor', () => {
  test('has each cache once, however many processors share it', () => {
    const roots = treeOf({
      ...cache(0, 0, 1, 'Data', '32K', '0'),
      ...cache(0, 1, 1, 'Instruction', '64K', '0'),
      ...cache(0, 2, 2, 'Unified', '1024K', '0'),
      ...cache(0, 3, 3, 'Unified', '32768K', '0-1'),
      ...cache(1, 0, 1, 'Data', '32K', '1'),
      ...cache(1, 2, 2, 'Unified', '1024K', '1'),
      ...cache(1, 3, 3, 'Unified', '32768K', '0-1'),
      ...cache(1, 4, 4, 'Unified', 'garbage', '0-1'),
    });
    expect(readCaches(roots)).toEqual([
      { name: 'L1d', sizeBytes: 2 ** 16, count: 2 },
      { name: 'L1i', sizeBytes: 2 ** 16, count: 1 },
      { name: 'L2', sizeBytes: 2 ** 21, count: 2 },
      { name: 'L3', sizeBytes: 2 ** 25, count: 1 },
    ]);
  });

  test('tells its instruction sets in the words of x86 and of ARM', () => {
    expect(
      readInstructionSets(treeOf({ 'proc/cpuinfo': 'model name\t: x\nflags\t\t: fpu avx2 lm\nbugs\t\t: a' })),
    ).toEqual(['avx2']);
    expect(readInstructionSets(treeOf({ 'proc/cpuinfo': 'Features\t: fp asimd sve' }))).toEqual(['neon', 'sve']);
  });

  test('that tells nothing has neither known', () => {
    const roots = treeOf({ 'proc/cpuinfo': 'processor : 0' });
    expect(readInstructionSets(roots)).toBeNull();
    expect(readCaches(roots)).toBeNull();
  });

  test('of this machine is read', () => {
    const sets = readInstructionSets({ proc: '/proc', sys: '/sys' });
    expect(sets?.some((name) => ['sse4.2', 'neon'].includes(name))).toBe(true);
    for (const { name, sizeBytes, count } of readCaches({ proc: '/proc', sys: '/sys' }) ?? []) {
      expect(name).toMatch(/^L[1-4][di]?$/);
      expect(sizeBytes).toBeGreaterThan(1_000);
      expect(count).toBeLessThanOrEqual(cpus().length);
    }
  });
});
