import { chmodSync, chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { workerId } from '../../src/core/fleet/worker.ts';
import { type Home, homeAt, prepareHome } from '../../src/node/agent-home/home.ts';
import { readTrust, type Trust, withPlace, writeTrust } from '../../src/node/agent-home/trust.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { claimHome, presentHolder } from '../../src/worker/home-lock.ts';
import { readStatus, writeStatus } from '../../src/worker/status-file.ts';
import { tempFolder } from '../support/temp-folder.ts';

function homeIn(folder = join(tempFolder(), 'home')): Home {
  return homeAt(folder, {});
}

const trust: Trust = {
  workerId: workerId('6f1c2f0e-5a0d-4c1f-9d39-3d6f3f6f9a01'),
  name: 'rig-03',
  level: 'standard',
  fingerprint: Buffer.alloc(32, 7).toString('base64url'),
  proven: { addresses: ['192.168.1.20'], port: 7461 },
  places: [{ addresses: ['desk.lan', '192.168.1.20'], port: 7461 }],
  pairedAtMs: 1_800_000_000_000,
  clockDifferenceMs: -12,
  tasks: { maxParallel: 2, programs: ['pytest'], asUser: null },
  listening: null,
};

describe('the agent’s home', () => {
  it('is ~/.labwatch-agent unless told otherwise', () => {
    expect(homeAt(undefined, {}, '/home/ada').folder).toBe('/home/ada/.labwatch-agent');
    expect(homeAt(undefined, { LABWATCH_AGENT_HOME: '/srv/agent' }, '/home/ada').folder).toBe('/srv/agent');
    expect(homeAt('/tmp/agent', { LABWATCH_AGENT_HOME: '/srv/agent' }).folder).toBe('/tmp/agent');
  });

  it('is made for its user alone', () => {
    const home = homeIn();
    expect(prepareHome(home)).toEqual({ ok: true, value: null });
    expect(statSync(home.folder).mode & 0o777).toBe(0o700);
    expect(prepareHome(home).ok).toBe(true);
  });

  it('that others may open is refused with the command that mends it', () => {
    const home = homeIn();
    mkdirSync(home.folder);
    chmodSync(home.folder, 0o755);
    const refused = prepareHome(home);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    if (!refused.ok) expect(refused.error.message).toContain(`chmod 700 ${home.folder}`);
  });

  it.runIf(process.getuid?.() === 0)('that belongs to another user is refused', () => {
    const home = homeIn();
    mkdirSync(home.folder, { mode: 0o700 });
    chownSync(home.folder, 65_534, 65_534);
    const refused = prepareHome(home);
    expect(refused).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
  });

  it('that is a file, or below one, is refused', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(prepareHome(homeIn(join(folder, 'file')))).toMatchObject({ ok: false, error: { code: 'storage' } });
    expect(prepareHome(homeIn(join(folder, 'file', 'home')))).toMatchObject({ ok: false, error: { code: 'storage' } });
  });

  it('remembers its coordinator, and never takes a damaged memory for none', () => {
    const home = homeIn();
    prepareHome(home);
    expect(readTrust(home)).toEqual({ ok: true, value: null });
    writeTrust(home, trust);
    expect(readTrust(home)).toEqual({ ok: true, value: trust });
    expect(statSync(home.trustFile).mode & 0o777).toBe(0o600);
    for (const damaged of [
      '',
      '{',
      'null',
      '[]',
      readFileSync(home.trustFile, 'utf8').slice(0, 100),
      JSON.stringify({ ...trust, fingerprint: 'abc' }),
      JSON.stringify({ ...trust, proven: null }),
      JSON.stringify({ ...trust, level: 'extreme' }),
      JSON.stringify({ ...trust, tasks: {} }),
      JSON.stringify({ ...trust, tasks: { ...trust.tasks, maxParallel: 0 } }),
      JSON.stringify({ ...trust, tasks: { ...trust.tasks, programs: 'pytest' } }),
    ]) {
      writeFileSync(home.trustFile, damaged);
      expect(readTrust(home)).toMatchObject({ ok: false, error: { code: 'storage' } });
    }
  });

  it('of an earlier version allows no tasks', () => {
    const home = homeIn();
    prepareHome(home);
    const { tasks: _, ...older } = trust;
    writeFileSync(home.trustFile, JSON.stringify(older));
    expect(readTrust(home)).toEqual({ ok: true, value: { ...trust, tasks: null } });
  });

  it('knows where a coordinator was when it says that it is elsewhere now', () => {
    const moved = { addresses: ['10.0.0.9'], port: 7461 };
    const places = withPlace(trust.places, moved);
    expect(places).toEqual([moved, ...trust.places]);
    expect(withPlace(places, moved)).toEqual(places);
    let many = places;
    for (let port = 1; port < 20; port += 1) many = withPlace(many, { addresses: ['10.0.0.9'], port });
    expect(many.length).toBe(4);
  });

  it('a status that cannot be written or read harms nobody', () => {
    const home = homeIn();
    const status = { pid: 1, state: 'online' } as Parameters<typeof writeStatus>[1];
    expect(writeStatus(home, status)).toBe(false);
    expect(readStatus(home)).toBeNull();
    prepareHome(home);
    expect(writeStatus(home, status)).toBe(true);
    expect(readStatus(home)).toEqual(status);
    writeFileSync(home.statusFile, '{"pid": 1');
    expect(readStatus(home)).toBeNull();
  });
});

describe('two agents', () => {
  it('never share a home: the second is told who runs', async () => {
    const home = homeIn();
    prepareHome(home);
    const first = await claimHome(home, '0.1.0', systemClock);
    const second = await claimHome(home, '0.1.0', systemClock);
    expect(first.kind).toBe('claimed');
    expect(second.kind).toBe('held');
    if (second.kind === 'held') expect(second.error.message).toContain(`pid ${process.pid}`);
    if (first.kind === 'claimed') await first.lock.dispose();
    expect(presentHolder(home.folder, systemClock)).toBeNull();
    expect((await claimHome(home, '0.1.0', systemClock)).kind).toBe('claimed');
  });

  it('of two machines that share a drive do not share a home while the other shows signs of life', async () => {
    const home = homeIn();
    prepareHome(home);
    await claimHome(home, '0.1.0', systemClock);
    const [name] = ['engine-lock.1'];
    const path = join(home.folder, name!);
    const holder = JSON.parse(readFileSync(path, 'utf8')) as { identity: object };
    const elsewhere = { ...holder, identity: { ...holder.identity, hostName: 'rig-04', bootId: 'another' } };
    writeFileSync(path, JSON.stringify(elsewhere));
    const claim = await claimHome(home, '0.1.0', systemClock);
    expect(claim.kind).toBe('held');
    if (claim.kind === 'held') expect(claim.error.message).toMatch(/on rig-04 .*--home/);
    const later = { nowMs: () => Date.now() + 3 * 60_000, monotonicMs: () => 0 };
    expect((await claimHome(home, '0.1.0', later)).kind).toBe('claimed');
  });

  it('a home that is a link to one is that one', async () => {
    const home = homeIn();
    prepareHome(home);
    const link = join(tempFolder(), 'link');
    symlinkSync(home.folder, link);
    await claimHome(home, '0.1.0', systemClock);
    expect((await claimHome(homeIn(link), '0.1.0', systemClock)).kind).toBe('held');
  });
});
