/** Small file systems of a test's own, which takes root on Linux; without it the tests fail and say so. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from './storage-fixture.ts';

/** A file system of `kibibytes` on a new folder, gone with the test. */
export function smallDisk(kibibytes: number): string {
  const folder = join(temporaryFolder(), 'disk');
  mkdirSync(folder);
  mount(['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder]);
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return folder;
}

/** Calls the system's `mount`. */
export function mount(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`These tests mount a small tmpfs, which needs root on Linux: ${stderr ?? error?.message}`);
  }
}

/** Takes all the space that is left, as another program would. */
export function fillUp(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  try {
    writeFileSync(join(folder, 'other-program'), Buffer.alloc(bavail * bsize));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
}
