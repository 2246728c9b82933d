import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openLog } from '../../src/node/log.ts';
import { temporaryFolder } from '../cli/process.ts';

const clock = { nowMs: () => Date.UTC(2026, 10, 24, 3), monotonicMs: () => 0 };
let folder: ReturnType<typeof temporaryFolder>;
let logsDir: string;

beforeEach(() => {
  folder = temporaryFolder();
  logsDir = join(folder.path, 'logs');
});
afterEach(() => folder.dispose());

function linesOf(name: string): Record<string, unknown>[] {
  return readFileSync(join(logsDir, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('writes one JSON line an entry, at once, readable by its user alone', () => {
    const log = openLog({ logsDir, clock });
    log.warn('Storage needs attention.', { file: 'metrics.db' });
    expect(linesOf('labwatch.log')).toEqual([
      { at: '2026-11-24T03:00:00.000Z', level: 'warn', message: 'Storage needs attention.', file: 'metrics.db' },
    ]);
    expect(statSync(join(logsDir, 'labwatch.log')).mode & 0o777).toBe(0o600);
    log.dispose();
  });

  it('keeps five files of the given size and drops the oldest', () => {
    const log = openLog({ logsDir, clock, largestFileBytes: 2_000 });
    for (let entry = 0; entry < 200; entry += 1) log.info('A line of the log', { entry, padding: 'x'.repeat(100) });
    log.dispose();
    const names = readdirSync(logsDir).sort();
    expect(names).toEqual(['labwatch.1.log', 'labwatch.2.log', 'labwatch.3.log', 'labwatch.4.log', 'labwatch.log']);
    for (const name of names) expect(statSync(join(logsDir, name)).size).toBeLessThan(2_300);
    expect(linesOf('labwatch.log').at(-1)?.entry).toBe(199);
    const newestOfOlder = linesOf('labwatch.1.log').at(-1)?.entry as number;
    expect(linesOf('labwatch.log')[0]?.entry).toBe(newestOfOlder + 1);
  });

  it('loses lines instead of throwing while its folder cannot be made, and owns up to it after', () => {
    writeFileSync(logsDir, 'in the way');
    const log = openLog({ logsDir, clock });
    log.info('one');
    log.info('two');
    rmSync(logsDir);
    log.info('three');
    expect(linesOf('labwatch.log')).toEqual([expect.objectContaining({ message: 'three', lostLines: 2 })]);
    log.dispose();
  });

  it('loses lines instead of throwing while the disk is full, and goes on after', () => {
    const file = join(logsDir, 'labwatch.log');
    mkdirSync(logsDir);
    // Every write to this device answers ENOSPC.
    symlinkSync('/dev/full', file);
    const log = openLog({ logsDir, clock });
    log.info('one');
    rmSync(file);
    log.info('two');
    expect(linesOf('labwatch.log')).toEqual([expect.objectContaining({ message: 'two', lostLines: 1 })]);
    log.dispose();
  });

  it('writes whatever it is told about, and cuts what is too long', () => {
    const log = openLog({ logsDir, clock });
    log.error('An error', { error: new Error('boom'), big: 12n });
    log.info('Too long', { text: 'x'.repeat(100_000) });
    log.dispose();
    const [first, second] = linesOf('labwatch.log');
    expect(first).toMatchObject({ error: expect.stringContaining('boom'), big: '12' });
    expect(second).toMatchObject({ message: 'Too long', cut: true });
  });
});
