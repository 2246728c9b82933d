/** What is kept of a worker beside samples: labels, price, and what changed of its hardware. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completeInventory, type Inventory } from '../../../src/core/fleet/inventory.ts';
import { MOST_LABELS } from '../../../src/core/fleet/labels.ts';
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import { openReadable, openWritable } from '../../../src/node/storage/connection.ts';
import { migrate } from '../../../src/node/storage/migrations/migration.ts';
import { FLEET_SCHEMA } from '../../../src/node/storage/migrations/schemas.ts';
import { MACHINE, RTX_4090 } from '../../core/fleet/a-machine.ts';
import { type OpenStorage, openStorage, START_MS, temporaryFolder, unwrap } from './storage-fixture.ts';

const RIG = workerId('00000000-0000-4000-8000-000000000003');

/** A second worker, on another machine. */
function enrolRig({ storage, clock }: OpenStorage): void {
  const code = { invitationId: 'a', secret: 'b', expiresAtMs: clock.nowMs() + 1, usedAtMs: null };
  unwrap(storage.saveInvitation(code));
  const lastSeen = { atMs: START_MS, address: '::1', agentVersion: '0.1.0', platform: 'linux', runsTasks: false };
  const rig = { workerId: RIG, name: 'rig-03', publicKey: 'key', level: 'standard', lastSeen } as const;
  unwrap(storage.enrol({ ...rig, invitationId: 'a', dialledAt: null }));
}

const profileOf = ({ opened }: OpenStorage, worker: WorkerId) =>
  opened.profiles.find((profile) => profile.workerId === worker);

const machine = (atMs: number, change: Partial<Inventory> = {}): Inventory => ({
  ...MACHINE,
  ...change,
  atMs: START_MS + atMs,
});

const oneCard = { gpus: [RTX_4090] };

const changesOf = ({ storage }: OpenStorage, worker: WorkerId) =>
  unwrap(storage.events(worker, 0, START_MS * 2)).filter(({ kind }) => kind === 'hardware-changed');

describe('labels and prices', () => {
  test('are kept for the local worker and for others, and are there at the next start', () => {
    const open = openStorage();
    enrolRig(open);
    const local = open.opened.localWorker.workerId;
    expect(profileOf(open, local)).toEqual({ workerId: local, labels: {}, pricePerHour: null, inventory: null });
    const set = (key: string, value: string | null) => ({ key, value });
    expect(unwrap(open.storage.changeLabels(local, [set('rack', 'a'), set('zone', '2')]))).toEqual({
      rack: 'a',
      zone: '2',
    });
    expect(unwrap(open.storage.changeLabels(local, [set('rack', 'b'), set('zone', null)]))).toEqual({ rack: 'b' });
    unwrap(open.storage.changeLabels(RIG, [set('rack', 'c')]));
    unwrap(open.storage.savePrice(RIG, 0.35));
    open.append({ inventory: machine(0) }, RIG);
    open.storage.close();
    const again = openStorage({ dataDir: open.dataDir });
    expect(profileOf(again, local)).toMatchObject({ labels: { rack: 'b' }, pricePerHour: null });
    expect(profileOf(again, RIG)).toEqual({
      workerId: RIG,
      labels: { rack: 'c' },
      pricePerHour: 0.35,
      inventory: machine(0),
    });
    unwrap(again.storage.savePrice(RIG, null));
    again.storage.close();
    expect(profileOf(openStorage({ dataDir: open.dataDir }), RIG)?.pricePerHour).toBeNull();
  });

  test('are refused whole with the rule they break, and for whom nobody enrolled', () => {
    const open = openStorage();
    const local = open.opened.localWorker.workerId;
    const labels = Array.from({ length: MOST_LABELS + 1 }, (_, index) => ({ key: `l${index}`, value: 'x' }));
    expect(open.storage.changeLabels(local, labels)).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(
      open.storage.changeLabels(local, [
        { key: 'rack', value: 'b' },
        { key: 'BAD', value: 'b' },
      ]),
    ).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(unwrap(open.storage.changeLabels(local, []))).toEqual({});
    expect(open.storage.savePrice(local, -1)).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(open.storage.savePrice(local, Number.NaN)).toMatchObject({ error: { code: 'invalid-argument' } });
    expect(open.storage.changeLabels(RIG, labels.slice(0, 1))).toMatchObject({ error: { code: 'not-found' } });
    expect(open.storage.savePrice(RIG, 1)).toMatchObject({ error: { code: 'not-found' } });
  });

  test('go with a worker that is removed', () => {
    const open = openStorage();
    enrolRig(open);
    unwrap(open.storage.changeLabels(RIG, [{ key: 'rack', value: 'b' }]));
    unwrap(open.storage.savePrice(RIG, 2));
    unwrap(open.storage.removeWorker(RIG));
    const database = openReadable(join(open.dataDir, 'fleet.db'));
    for (const table of ['worker_labels', 'worker_prices']) {
      expect(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    }
    database.close();
  });
});

describe('a change of the hardware', () => {
  test.each([
    ['of this machine', null],
    ['of another machine', RIG],
  ])('%s is an event, once, whatever is read or delivered again, also after a restart', (_whose, worker) => {
    let open = openStorage();
    enrolRig(open);
    const id = worker ?? open.opened.localWorker.workerId;
    open.append({ inventory: machine(0) }, id);
    open.append({ inventory: machine(1_000) }, id);
    expect(changesOf(open, id)).toEqual([]);
    const expected = [{ atMs: START_MS + 2_000, kind: 'hardware-changed', message: 'GPU 1 (RTX 4090) is gone.' }];
    for (const atMs of [2_000, 2_000, 3_000]) open.append({ inventory: machine(atMs, oneCard) }, id);
    expect(changesOf(open, id)).toEqual(expected);
    open.storage.close();
    open = openStorage({ dataDir: open.dataDir });
    open.append({ inventory: machine(4_000, oneCard) }, id);
    expect(changesOf(open, id)).toEqual(expected);
    open.append({ inventory: machine(5_000) }, id);
    expect(changesOf(open, id).at(-1)).toMatchObject({ message: 'GPU 1 (RTX 4090) is new.' });
  });

  test('that comes late, after a newer inventory, changes nothing any more', () => {
    const open = openStorage();
    const id = open.opened.localWorker.workerId;
    open.append({ inventory: machine(0) }, id);
    open.append({ inventory: machine(9_000, oneCard) }, id);
    open.append({ inventory: machine(5_000, { memoryBytes: 2 ** 30 }) }, id);
    expect(changesOf(open, id)).toHaveLength(1);
    expect(unwrap(open.storage.inventory(id))).toEqual(machine(9_000, oneCard));
  });

  test('is none where only what nobody calls hardware is other', () => {
    const open = openStorage();
    const id = open.opened.localWorker.workerId;
    open.append({ inventory: machine(0) }, id);
    open.append({ inventory: machine(1_000, { hostName: 'renamed', swapBytes: 5 }) }, id);
    expect(changesOf(open, id)).toEqual([]);
    expect(unwrap(open.storage.inventory(id))?.hostName).toBe('renamed');
  });
});

test('an inventory that an older version stored is read, with unknown for what it did not read, and is no change', () => {
  const dataDir = temporaryFolder();
  const fleet = openWritable(join(dataDir, 'fleet.db'), { synchronous: 'NORMAL', cacheKibibytes: 512 });
  migrate(fleet, FLEET_SCHEMA, 30);
  const { cudaDriverVersion: _, software: __, ...past } = machine(0);
  const { instructionSets, caches, ...cpu } = past.cpu;
  const gpus = past.gpus.map(({ computeCapability, address, ...gpu }) => gpu);
  const stored = { ...past, cpu, gpus };
  fleet.prepare("INSERT INTO workers VALUES (?, 'rig-01', 1, 0)").run(RIG);
  fleet.prepare('INSERT INTO inventories VALUES (?, ?, ?)').run(RIG, START_MS, JSON.stringify(stored));
  fleet.close();
  const open = openStorage({ dataDir });
  expect(profileOf(open, RIG)).toEqual({
    workerId: RIG,
    labels: {},
    pricePerHour: null,
    inventory: completeInventory(stored),
  });
  open.append({ inventory: machine(1_000) }, RIG);
  expect(unwrap(open.storage.inventory(RIG))?.software).toEqual(MACHINE.software);
  expect(changesOf(open, RIG)).toEqual([]);
});
