import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimDataDir, type InstanceLock, runningHolder } from '../../src/app/instance-lock.ts';
import type { LockHolder } from '../../src/node/lock-file.ts';
import { ownIdentity } from '../../src/node/process-identity.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { type Running, startProgram, temporaryFolder, unprivileged } from '../cli/process.ts';

const HOLD = fileURLToPath(new URL('./hold-folder.ts', import.meta.url));

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const held: InstanceLock[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(() => {
  for (const lock of held.splice(0)) lock.dispose();
  folder.dispose();
});

function claim() {
  return claimDataDir({ dataDir, kind: 'headless', version: '1.2.3', clock: systemClock });
}

async function claimed(): Promise<InstanceLock> {
  const outcome = await claim();
  if (outcome.kind !== 'claimed') throw new Error(outcome.error.message);
  held.push(outcome.lock);
  return outcome.lock;
}

function startHolder(startAtMs = 0): Running {
  return startProgram([process.execPath, HOLD, dataDir, String(startAtMs)]);
}

/** Writes a lock entry as another process would have. */
function leaveEntry(identity: Partial<LockHolder['identity']>): string {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'engine-lock.7');
  const holder: LockHolder = {
    kind: 'headless',
    identity: { ...ownIdentity(), ...identity },
    sinceMs: Date.now(),
    socketPath: join(dataDir, 'control.sock'),
    version: '1.2.3',
    isReleased: false,
  };
  writeFileSync(path, JSON.stringify(holder));
  return path;
}

describe('one engine per data folder', () => {
  it('makes the folder for its user alone and takes it', async () => {
    const lock = await claimed();
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(lock.holder).toMatchObject({ kind: 'headless', version: '1.2.3', isReleased: false });
  });

  it('refuses a second claim and names the holder, since when, and the way out', async () => {
    await claimed();
    const second = await claim();
    expect(second.kind).toBe('held');
    const message = second.kind === 'held' ? second.error.message : '';
    expect(message).toMatch(new RegExp(`pid ${process.pid}\\) holds .* since \\d{4}-\\d\\d-\\d\\d .*labwatch stop`));
  });

  it('gives the folder back when disposed', async () => {
    (await claimed()).dispose();
    expect(await runningHolder(dataDir, systemClock)).toBeNull();
    expect((await claim()).kind).toBe('claimed');
  });

  it('lets exactly one of twelve processes win that claim a fresh folder at the same moment', async () => {
    const startAtMs = Date.now() + 3_000;
    const contenders = Array.from({ length: 12 }, () => startHolder(startAtMs));
    const outcomes = await Promise.all(contenders.map(({ saw }) => saw(/\n/)));
    expect(outcomes.filter((outcome) => outcome === 'claimed\n')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === 'held\n')).toHaveLength(11);
    for (const { child } of contenders) child.kill('SIGKILL');
    await Promise.all(contenders.map(({ exited }) => exited));
  });

  it('lets exactly one of eight processes take over from a holder that was killed', async () => {
    const first = startHolder();
    await first.saw(/claimed/);
    first.child.kill('SIGKILL');
    await first.exited;
    const startAtMs = Date.now() + 2_500;
    const contenders = Array.from({ length: 8 }, () => startHolder(startAtMs));
    const outcomes = await Promise.all(contenders.map(({ saw }) => saw(/\n/)));
    expect(outcomes.filter((outcome) => outcome === 'claimed\n')).toHaveLength(1);
    for (const { child } of contenders) child.kill('SIGKILL');
    await Promise.all(contenders.map(({ exited }) => exited));
  });

  it('is not fooled by another process that got the dead holder’s pid', async () => {
    leaveEntry({ startTicks: '1' });
    expect((await claim()).kind).toBe('claimed');
  });

  it('takes over after a restart of the machine', async () => {
    leaveEntry({ bootId: 'the boot before' });
    expect((await claim()).kind).toBe('claimed');
  });

  it('respects another machine on a shared folder while it gives signs of life, and no longer', async () => {
    const path = leaveEntry({ bootId: 'another machine', hostName: 'rig-02' });
    const refused = await claim();
    expect(refused.kind === 'held' && refused.error.message).toContain('on rig-02');
    const longAgo = new Date(Date.now() - 10 * 60_000);
    utimesSync(path, longAgo, longAgo);
    expect((await claim()).kind).toBe('claimed');
  });

  it('asks the control socket where a pid says nothing, and finds nobody there', async () => {
    leaveEntry({ pidNamespace: 'pid:[1]' });
    expect((await claim()).kind).toBe('claimed');
  });

  it('takes over an entry torn by a power cut', async () => {
    const path = leaveEntry({});
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, 20));
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(path, longAgo, longAgo);
    expect((await claim()).kind).toBe('claimed');
  });

  it('leaves one entry behind, however often the folder changed hands', async () => {
    for (let turn = 0; turn < 5; turn += 1) (await claimed()).dispose();
    expect(readdirSync(dataDir).filter((name) => name.includes('engine-lock'))).toEqual(['engine-lock.5']);
  });

  it('puts the socket of a folder with a long name where its path fits', async () => {
    dataDir = join(folder.path, 'a'.repeat(120), 'data');
    const lock = await claimed();
    expect(Buffer.byteLength(lock.holder.socketPath)).toBeLessThan(104);
    expect((await runningHolder(dataDir, systemClock))?.socketPath).toBe(lock.holder.socketPath);
  });

  it('says in one sentence when a file is in the way', async () => {
    writeFileSync(dataDir, '');
    const outcome = await claim();
    expect(outcome.kind === 'failed' && outcome.error.message).toMatch(/a file is in the way.*--data-dir/);
  });

  it('says in one sentence when it has no rights', async () => {
    chmodSync(folder.path, 0o555);
    const holder = startProgram([process.execPath, HOLD, dataDir], unprivileged());
    expect((await holder.exited).stdout).toMatch(/^failed No permission to write the data folder .*--data-dir/);
  });
});
