/** Who belongs to the fleet: codes are used once, keys are pinned, names are unique, and a removed key stays out. */
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import type { Enrolment, Invitation, LastSeen } from '../../../src/engine/ports.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { type OpenStorage, openStorage, START_MS, temporaryFolder, unwrap } from './storage-fixture.ts';

const TEN_MINUTES_MS = 600_000;
const DAY_MS = 86_400_000;
const LOCAL_NAME = 'desk';

const SEEN: LastSeen = {
  atMs: START_MS,
  address: '192.168.1.20',
  agentVersion: '0.1.0',
  platform: 'linux x64',
  runsTasks: false,
};

let count = 0;

function enrolment(change: Partial<Enrolment> = {}): Enrolment {
  count += 1;
  const id = workerId(`00000000-0000-4000-8000-${String(count).padStart(12, '0')}`);
  const machine = { name: 'rig-03', publicKey: `key-${count}`, level: 'detailed', lastSeen: SEEN } as const;
  return { invitationId: 'code-1', dialledAt: null, workerId: id, ...machine, ...change };
}

function invitation(invitationId = 'code-1', expiresAtMs = START_MS + TEN_MINUTES_MS): Invitation {
  return { invitationId, secret: 'c2VjcmV0LXNlY3JldC0hIQ', expiresAtMs, usedAtMs: null };
}

/** A fleet whose local worker is called `desk`, with one code given out. */
function openInvited(): OpenStorage {
  const open = openStorage();
  unwrap(open.storage.renameWorker(open.opened.localWorker.workerId, LOCAL_NAME));
  unwrap(open.storage.saveInvitation(invitation()));
  return open;
}

/** Enrols one machine with a code of its own. */
function join1(open: OpenStorage, change: Partial<Enrolment> = {}) {
  const wish = enrolment(change);
  unwrap(open.storage.saveInvitation(invitation(`for ${wish.publicKey}`, open.clock.nowMs() + TEN_MINUTES_MS)));
  return unwrap(open.storage.enrol({ ...wish, invitationId: `for ${wish.publicKey}` }));
}

const workersOf = (open: OpenStorage) => unwrap(open.storage.open()).workers;
const again = (open: OpenStorage) => {
  open.storage.close();
  return openStorage({ dataDir: open.dataDir, clock: open.clock });
};

describe('a code', () => {
  test('is kept over a restart, and known by its id alone', () => {
    const open = again(openInvited());
    expect(open.opened.hasOpenInvitation).toBe(true);
    expect(unwrap(open.storage.invitation('code-1'))).toEqual(invitation());
    expect(unwrap(open.storage.invitation('code-2'))).toBeNull();
  });

  test('lets in one machine, under the key that it proved to hold', () => {
    const open = openInvited();
    const wish = enrolment();
    const worker = unwrap(open.storage.enrol(wish));
    expect(worker).toEqual({
      workerId: wish.workerId,
      name: 'rig-03',
      isLocal: false,
      admission: 'open',
      remote: { publicKey: wish.publicKey, pairedAtMs: START_MS, level: 'detailed', lastSeen: SEEN, dialledAt: null },
    });
    expect(unwrap(open.storage.invitation('code-1'))?.usedAtMs).toBe(START_MS);
    const later = again(open);
    expect(later.opened.workers.map(({ name }) => name)).toEqual([LOCAL_NAME, 'rig-03']);
    expect(later.opened.workers[1]).toEqual(worker);
    expect(later.opened.hasOpenInvitation).toBe(false);
  });

  test('that was used is refused to every other key, and nothing is enrolled', () => {
    const open = openInvited();
    unwrap(open.storage.enrol(enrolment()));
    expect(open.storage.enrol(enrolment())).toMatchObject({
      ok: false,
      error: { code: 'not-permitted', message: expect.stringMatching(/used/) },
    });
    expect(workersOf(open)).toHaveLength(2);
  });

  test('answers its worker again to the key that used it: the first answer may have been lost', () => {
    const open = openInvited();
    const wish = enrolment();
    const worker = unwrap(open.storage.enrol(wish));
    open.clock.advance(2 * TEN_MINUTES_MS);
    expect(unwrap(open.storage.enrol({ ...wish, workerId: workerId('another') })).workerId).toBe(worker.workerId);
    expect(workersOf(open)).toHaveLength(2);
  });

  test('that expired is refused, and forgotten a day later', () => {
    const open = openInvited();
    open.clock.advance(TEN_MINUTES_MS);
    expect(unwrap(open.storage.open()).hasOpenInvitation).toBe(false);
    expect(open.storage.enrol(enrolment())).toMatchObject({
      error: { code: 'not-permitted', message: expect.stringMatching(/expired/) },
    });
    open.clock.advance(DAY_MS + 1);
    unwrap(open.storage.saveInvitation(invitation('code-2', open.clock.nowMs() + TEN_MINUTES_MS)));
    expect(open.storage.enrol(enrolment())).toMatchObject({ error: { code: 'not-found' } });
    expect(unwrap(open.storage.invitation('code-1'))).toBeNull();
  });

  test('that nobody gave out is refused', () => {
    expect(openInvited().storage.enrol(enrolment({ invitationId: 'made up' }))).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  test('brings a machine that is enrolled already back as the same worker, and is used up by it', () => {
    const open = openInvited();
    const first = join1(open, { publicKey: 'the same' });
    open.clock.advance(60_000);
    const moved = { ...SEEN, atMs: open.clock.nowMs(), address: '10.0.0.7' };
    const second = unwrap(open.storage.enrol(enrolment({ publicKey: 'the same', name: 'other', lastSeen: moved })));
    expect(second).toEqual({
      ...first,
      remote: { ...first.remote, pairedAtMs: START_MS + 60_000, lastSeen: moved },
    });
    expect(open.storage.enrol(enrolment())).toMatchObject({ error: { code: 'not-permitted' } });
    expect(workersOf(open)).toHaveLength(2);
  });
});

describe('a worker that waits to be dialled', () => {
  const place = { addresses: ['10.0.9.7', 'rig-far.lab'], port: 7462 };

  test('is known with its place over a restart, and joins with a code of its own', () => {
    const open = openStorage();
    const worker = unwrap(open.storage.enrol(enrolment({ invitationId: null, dialledAt: place })));
    expect(worker.remote?.dialledAt).toEqual(place);
    const later = again(open);
    expect(later.opened.workers[1]).toEqual(worker);
    expect(later.opened.hasOpenInvitation).toBe(false);
  });

  test('is reached as it was paired last', () => {
    const open = openInvited();
    const dialled = { publicKey: 'the same', invitationId: null, dialledAt: place };
    const first = unwrap(open.storage.enrol(enrolment(dialled)));
    const moved = { addresses: ['10.0.9.8'], port: 7463 };
    expect(unwrap(open.storage.enrol(enrolment({ ...dialled, dialledAt: moved })))).toEqual({
      ...first,
      remote: { ...first.remote, dialledAt: moved },
    });
    expect(unwrap(open.storage.enrol(enrolment({ publicKey: 'the same' }))).remote?.dialledAt).toBeNull();
    expect(workersOf(open)).toHaveLength(2);
  });

  test('takes its place with it when it is removed, and its key never comes back, by whatever way', () => {
    const open = openStorage();
    const wish = enrolment({ invitationId: null, dialledAt: place });
    unwrap(open.storage.enrol(wish));
    unwrap(open.storage.removeWorker(wish.workerId));
    expect(open.storage.enrol(wish)).toMatchObject({ error: { code: 'not-permitted' } });
    const fleet = openReadable(join(open.dataDir, 'fleet.db'));
    expect(fleet.prepare('SELECT count(*) FROM dialled_workers').pluck().get()).toBe(0);
    fleet.close();
  });
});

describe('names', () => {
  test('that another worker has get a number', () => {
    const open = openInvited();
    const names = [1, 2, 3].map(() => join1(open, { name: LOCAL_NAME }).name);
    expect(names).toEqual(['desk-2', 'desk-3', 'desk-4']);
    const long = 'x'.repeat(64);
    expect([1, 2].map(() => join1(open, { name: long }).name)).toEqual([long, `${'x'.repeat(62)}-2`]);
  });

  test('that a machine gives itself are made fit: one line, no control characters, at most 64, never none', () => {
    const open = openInvited();
    const of = (name: string) => join1(open, { name }).name;
    expect(of('  rig\n05\u0007 ')).toBe('rig05');
    expect(of('\u202egnp.exe')).toBe('gnp.exe');
    expect(of('<b>rig</b> 🧪👩‍🔬')).toBe('<b>rig</b> 🧪👩‍🔬');
    expect(of('مختبر')).toBe('مختبر');
    expect(of(' \u0000\u2028 ')).toBe('worker');
    expect([...of('🧪'.repeat(100))]).toHaveLength(64);
  });

  test('are always unique and valid, whatever machines call themselves', () => {
    const open = openInvited();
    const wishes = fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 70 }), fc.constantFrom('a', 'a-2', ' a')), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(wishes, (names) => {
        for (const name of names) join1(open, { name });
        const known = workersOf(open).map((worker) => worker.name);
        expect(new Set(known).size).toBe(known.length);
        for (const worker of workersOf(open)) {
          expect(open.storage.renameWorker(worker.workerId, worker.name)).toMatchObject({
            value: { name: worker.name },
          });
        }
      }),
      { numRuns: 15 },
    );
  });

  test('are changed by a person, trimmed, also that of the local worker', () => {
    const open = openInvited();
    const { workerId: id } = join1(open);
    expect(unwrap(open.storage.renameWorker(id, '  Große Kiste ')).name).toBe('Große Kiste');
    expect(unwrap(open.storage.renameWorker(open.opened.localWorker.workerId, 'bench')).name).toBe('bench');
    expect(again(open).opened.workers.map(({ name }) => name)).toEqual(['bench', 'Große Kiste']);
  });

  test.each([
    ['nothing', ' \t '],
    ['a line break', 'rig\n03'],
    ['an escape sequence', 'rig\u001b[31m'],
    ['a mark that turns the text around', 'rig\u202e30'],
    ['65 characters', 'x'.repeat(65)],
    ['the name of another worker', LOCAL_NAME],
  ])('of %s are refused with the reason', (_, name) => {
    const open = openInvited();
    const { workerId: id } = join1(open);
    const refused = open.storage.renameWorker(id, name);
    expect(refused).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(/name|called/) },
    });
    expect(workersOf(open)[1]?.name).toBe('rig-03');
  });

  test('that are another worker’s id are refused: a name or an id must mean one worker', () => {
    const open = openInvited();
    const { workerId: id } = join1(open);
    const local = open.opened.localWorker.workerId;
    expect(open.storage.renameWorker(id, local)).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(join1(open, { name: local }).name).not.toBe(local);
  });
});

describe('what was last seen of a worker, and its level', () => {
  test('is there after a restart', () => {
    const open = openInvited();
    const { workerId: id } = join1(open);
    const seen: LastSeen = {
      atMs: START_MS + 5_000,
      address: 'fd00::7',
      agentVersion: '0.2.0',
      platform: 'darwin arm64',
      runsTasks: true,
    };
    unwrap(open.storage.saveWorkerLevel(id, 'intensive'));
    unwrap(open.storage.saveLastSeen(id, seen));
    expect(again(open).opened.workers[1]?.remote).toMatchObject({ level: 'intensive', lastSeen: seen });
  });

  test('of a worker that is not there, or local, is not-found', () => {
    const { storage, opened } = openInvited();
    for (const id of [workerId('nobody'), opened.localWorker.workerId]) {
      expect(storage.saveWorkerLevel(id, 'basic')).toMatchObject({ error: { code: 'not-found' } });
      expect(storage.saveLastSeen(id, SEEN)).toMatchObject({ error: { code: 'not-found' } });
    }
    expect(storage.renameWorker(workerId('nobody'), 'x')).toMatchObject({ error: { code: 'not-found' } });
  });
});

describe('a worker that is removed', () => {
  test('is gone, its key refused for ever, its history kept', () => {
    const open = openInvited();
    const worker = join1(open);
    open.append({ events: [{ atMs: START_MS, kind: 'paired', message: 'Paired.' }] }, worker.workerId);
    unwrap(open.storage.removeWorker(worker.workerId));
    const publicKey = worker.remote?.publicKey ?? '';
    const later = again(open);
    expect(later.opened.workers).toHaveLength(1);
    expect(unwrap(later.storage.isRemovedKey(publicKey))).toBe(true);
    expect(unwrap(later.storage.isRemovedKey('another'))).toBe(false);
    expect(later.storage.enrol(enrolment({ publicKey }))).toMatchObject({
      error: { code: 'not-permitted', message: expect.stringMatching(/removed/) },
    });
    expect(unwrap(later.storage.invitation('code-1'))?.usedAtMs).toBeNull();
    expect(unwrap(later.storage.events(worker.workerId, 0, START_MS + 1))).toHaveLength(1);
    expect(later.storage.removeWorker(worker.workerId)).toMatchObject({ error: { code: 'not-found' } });
  });

  test('leaves its name to others', () => {
    const open = openInvited();
    unwrap(open.storage.removeWorker(join1(open, { name: 'rig-07' }).workerId));
    expect(join1(open, { name: 'rig-07' }).name).toBe('rig-07');
  });

  test('can be any but the local one', () => {
    const open = openInvited();
    expect(open.storage.removeWorker(open.opened.localWorker.workerId)).toMatchObject({
      error: { code: 'invalid-argument' },
    });
    expect(workersOf(open)).toHaveLength(1);
  });

  test('does not come back with the backup of a torn fleet.db, and who joined today is still there', () => {
    const open = openInvited();
    open.settle();
    const kept = join1(open, { name: 'kept' });
    const removed = join1(open, { name: 'removed' });
    unwrap(open.storage.removeWorker(removed.workerId));
    open.storage.close();
    truncateSync(join(open.dataDir, 'fleet.db'), 6_000);
    const restored = openStorage({ dataDir: open.dataDir, clock: open.clock });
    expect(restored.opened.notices).toMatchObject([{ kind: 'fleet-restored' }]);
    expect(restored.opened.workers[1]).toEqual(kept);
    expect(restored.opened.workers).toHaveLength(2);
    expect(unwrap(restored.storage.isRemovedKey(removed.remote?.publicKey ?? ''))).toBe(true);
  });
});

describe('while it could not be kept', () => {
  test('nobody is invited, enrolled or removed: the folder is a newer Labwatch’s', () => {
    const open = openInvited();
    const worker = join1(open);
    open.storage.close();
    const path = join(open.dataDir, 'fleet.db');
    const bytes = readFileSync(path);
    // The header's user_version (sqlite.org/fileformat2.html, 1.3).
    bytes.writeUInt32BE(9_000, 60);
    writeFileSync(path, bytes);
    const later = openStorage({ dataDir: open.dataDir });
    expect(later.opened.workers[1]).toEqual(worker);
    for (const answer of [
      later.storage.saveInvitation(invitation('code-2')),
      later.storage.enrol(enrolment()),
      later.storage.renameWorker(worker.workerId, 'x'),
      later.storage.removeWorker(worker.workerId),
    ]) {
      expect(answer).toMatchObject({
        ok: false,
        error: { code: 'read-only', message: expect.stringMatching(/newer Labwatch/) },
      });
    }
  });

  test('nobody is invited: there is no folder to keep it in', () => {
    const dataDir = join(temporaryFolder(), 'file');
    writeFileSync(dataDir, '');
    const open = openStorage({ dataDir });
    expect(open.notices().map(({ kind }) => kind)).toContain('memory-only');
    expect(open.storage.saveInvitation(invitation())).toMatchObject({
      ok: false,
      error: { code: 'storage', message: expect.stringMatching(/cannot be written/) },
    });
    rmSync(dataDir);
    open.clock.advance(2_000);
    open.settle();
  });
});

test('enrolling is one step: neither a used code without its worker, nor a worker with an open code', () => {
  const open = openInvited();
  const known = join1(open);
  // The id is taken, so that the second of the step's writes fails.
  const clash = enrolment({ workerId: known.workerId });
  expect(open.storage.enrol(clash).ok).toBe(false);
  expect(workersOf(open)).toHaveLength(2);
  expect(unwrap(open.storage.invitation('code-1'))?.usedAtMs).toBeNull();
  expect(unwrap(open.storage.enrol(enrolment())).name).toBe('rig-03-2');
  const database = openReadable(join(open.dataDir, 'fleet.db'));
  expect(database.prepare('SELECT count(*) FROM workers').pluck().get()).toBe(3);
  expect(database.prepare('SELECT count(*) FROM remote_workers').pluck().get()).toBe(2);
  database.close();
});
