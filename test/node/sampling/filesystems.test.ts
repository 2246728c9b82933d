import { execFileSync } from 'node:child_process';
import type { StatsFs } from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesystemsCollector } from '../../../src/node/sampling/linux/filesystems.ts';
import { rootFilesystemCollector } from '../../../src/node/sampling/linux/root-filesystem.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { readNow } from './read-collector.ts';

const utilization = (mountPoint: string) => `system.filesystem.utilization{system.filesystem.mountpoint=${mountPoint}}`;

function rootsWith(mounts: string) {
  const proc = tempFolder();
  mkdirSync(join(proc, 'self'));
  writeFileSync(join(proc, 'self', 'mounts'), mounts);
  return { proc, sys: '/sys' };
}

const MOUNTS = `/dev/sda1 / ext4 rw 0 0
/dev/sdb1 /data ext4 rw 0 0
/dev/sdc1 /spare ext4 rw 0 0
nas:/a /nas/a nfs4 rw 0 0
nas:/b /nas/b nfs4 rw 0 0
`;

/** A filesystem half of whose blocks are used. */
const HALF = { bsize: 4_096, blocks: 1_000, bfree: 500, bavail: 500 } as StatsFs;

describe('usage of /', () => {
  test('is what df says', async () => {
    const { values } = await readNow(rootFilesystemCollector(), 'basic');
    const [size, used, available] = execFileSync('df', ['--block-size=1', '--output=size,used,avail', '/'], {
      encoding: 'utf8',
    })
      .split('\n')[1]!
      .trim()
      .split(/\s+/)
      .map(Number);
    expect(values['system.filesystem.limit{system.filesystem.mountpoint=/}']).toBe(size);
    // Others write to this disk meanwhile.
    expect(values['system.filesystem.usage{system.filesystem.mountpoint=/}']! / used!).toBeCloseTo(1, 2);
    expect(values[utilization('/')]).toBeCloseTo(used! / (used! + available!), 2);
  });
});

describe('the other filesystems', () => {
  test('are asked and told, without /', async () => {
    const asked: string[] = [];
    const collector = filesystemsCollector(rootsWith(MOUNTS), async (mountPoint) => {
      asked.push(mountPoint);
      return HALF;
    });
    const { values, condition } = await readNow(collector, 'standard');
    expect(condition.state).toBe('ok');
    expect(asked.sort()).toEqual(['/data', '/nas/a', '/nas/b', '/spare']);
    expect(values[utilization('/data')]).toBe(0.5);
    expect(values['system.filesystem.usage{system.filesystem.mountpoint=/nas/b}']).toBe(500 * 4_096);
    expect(values[utilization('/')]).toBeUndefined();
  });

  test('of a server that hangs are reported, asked no further, and keep nobody from the local ones', async () => {
    const asked: string[] = [];
    let answer: ((stats: StatsFs) => void) | null = null;
    const collector = filesystemsCollector(rootsWith(MOUNTS), (mountPoint) => {
      asked.push(mountPoint);
      if (mountPoint !== '/nas/a' || answer !== null) return Promise.resolve(HALF);
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const first = await readNow(collector, 'standard');
    expect(first.condition).toMatchObject({ state: 'failing', reason: '/nas/a does not answer.' });
    expect([utilization('/data'), utilization('/spare')].map((key) => first.values[key])).toEqual([0.5, 0.5]);
    expect(asked).not.toContain('/nas/b');

    asked.length = 0;
    await readNow(collector, 'standard');
    expect(asked).toEqual(['/data', '/spare']);

    answer!(HALF);
    await expect.poll(async () => (await readNow(collector, 'standard')).condition.state).toBe('ok');
  });

  test('that refuse are named, and the rest is told', async () => {
    const collector = filesystemsCollector(rootsWith(MOUNTS), (mountPoint) =>
      mountPoint === '/data' ? statfs('/nowhere/at/all') : Promise.resolve(HALF),
    );
    const { values, condition } = await readNow(collector, 'standard');
    expect(condition).toMatchObject({ state: 'failing', reason: expect.stringMatching(/^\/data: ENOENT/) });
    expect(values[utilization('/spare')]).toBe(0.5);
  });

  test('of no size have no series', async () => {
    const collector = filesystemsCollector(rootsWith(MOUNTS), async () => ({
      ...HALF,
      blocks: 0,
      bfree: 0,
      bavail: 0,
    }));
    expect((await readNow(collector, 'standard')).values).toEqual({});
  });
});
