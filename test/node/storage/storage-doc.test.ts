/** The queries in docs/storage.md run as they are printed, on a database that Labwatch made. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import { seriesKey } from '../../../src/core/metrics/series.ts';
import { openReadable } from '../../../src/node/storage/connection.ts';
import { MACHINE } from '../../core/fleet/a-machine.ts';
import { readProjectFile } from '../../support/source.ts';
import { CPU, openStorage, START_MS, tick, unwrap, WORKER } from './storage-fixture.ts';
import { anAttempt, anEndedTask, aRun, aTask, records, taskId, USAGE } from './task-records.ts';

const HOUR = 3_600_000;
const queries = [...readProjectFile('docs/storage.md').matchAll(/```sql(?<file> fleet)?\n(?<sql>[\s\S]*?)```/g)].map(
  ({ groups }) => ({ file: groups?.file === undefined ? 'metrics.db' : 'fleet.db', sql: groups?.sql ?? '' }),
);

const MEMORY_SHARE = seriesKey('system.memory.utilization');
const WRITTEN = seriesKey('system.disk.io', { 'system.device': 'vda', 'disk.io.direction': 'write' });

/** Three hours with ten minutes missing, and one event. */
function folderWithData(): string {
  const open = openStorage();
  const readings = { [CPU]: 0.25, [MEMORY_SHARE]: 0.5, [WRITTEN]: 1_000_000 };
  for (let second = 0; second < 3 * 3_600; second += 5) {
    if (second >= 6_000 && second < 6_600) continue;
    open.append({
      ticks: [tick(START_MS + second * 1_000, second === 300 ? { ...readings, [MEMORY_SHARE]: 0.9 } : readings)],
    });
  }
  open.append({ events: [{ atMs: START_MS, kind: 'started', message: 'Started.' }] });
  const lastSeen = {
    atMs: START_MS,
    address: '192.168.1.20',
    agentVersion: '0.1.0',
    platform: 'linux x64',
    runsTasks: false,
  };
  const code = { invitationId: 'a', secret: 'b', expiresAtMs: START_MS + 1, usedAtMs: null };
  unwrap(open.storage.saveInvitation(code));
  const rig = { workerId: workerId('rig'), name: 'rig-03', publicKey: 'key', level: 'standard', lastSeen } as const;
  unwrap(open.storage.enrol({ ...rig, invitationId: 'a', dialledAt: null }));
  const labels = { rack: 'b', zone: '2' };
  const changes = Object.entries(labels).map(([key, value]) => ({ key, value }));
  unwrap(open.storage.changeLabels(rig.workerId, changes));
  unwrap(open.storage.savePrice(rig.workerId, 0.35));
  open.append({ inventory: { ...MACHINE, atMs: START_MS + 1_000 } }, rig.workerId);
  const failed = anEndedTask(1, { state: 'failed', reason: 'exit', message: 'It ended with exit code 1.' });
  const attempts = [
    anAttempt(1, 1, { state: 'lost', workerId: rig.workerId }),
    anAttempt(1, 2, { state: 'failed', workerId: rig.workerId }),
    anAttempt(2, 1, { state: 'succeeded', usage: USAGE }),
    anAttempt(2, 2, { state: 'succeeded', usage: { ...USAGE, wallMs: 1_500, memoryPeakBytes: null } }),
    anAttempt(2, 3, { state: 'lost', workerId: workerId('removed') }),
  ];
  const { spec } = aTask(2, {}, { type: 'pytest' });
  unwrap(open.storage.saveTasks(records({ runs: [aRun()], tasks: [failed, anEndedTask(2, { spec })], attempts })));
  open.append({ inventory: { ...MACHINE, atMs: START_MS + 2_000, memoryBytes: 2 ** 35 } }, rig.workerId);
  open.clock.advance(4 * HOUR);
  open.settle();
  open.storage.close();
  return open.dataDir;
}

function run(dataDir: string, index: number): readonly unknown[] {
  const query = queries[index];
  const database = openReadable(join(dataDir, query?.file ?? ''));
  const rows = database.prepare(query?.sql ?? '').all();
  database.close();
  return rows;
}

test('the documented queries give what they promise', () => {
  const dataDir = folderWithData();
  expect(queries).toHaveLength(12);
  expect(run(dataDir, 0)).toEqual([
    { at: '2026-03-03T12:00:00Z', percent: 25, peak: 25, count: 720 },
    { at: '2026-03-03T11:00:00Z', percent: 25, peak: 25, count: 600 },
    { at: '2026-03-03T10:00:00Z', percent: 25, peak: 25, count: 720 },
  ]);
  expect(run(dataDir, 1)).toHaveLength(10);
  expect(run(dataDir, 1)[0]).toEqual({ at: '2026-03-03T10:05:00Z', worker: WORKER, percent: 90 });
  expect(run(dataDir, 2)).toEqual([{ day: '2026-03-03', device: 'vda', gigabytes: 10.8 }]);
  expect(run(dataDir, 3)).toEqual([{ gap_ends: '2026-03-03T11:50:00Z', minutes: 11 }]);
  expect(run(dataDir, 4)).toEqual([
    { series: CPU, unit: '1', since: '2026-03-03T10:00:00Z', until: '2026-03-03T12:00:00Z', samples: 2_040 },
    expect.objectContaining({ series: WRITTEN, unit: 'By/s' }),
    expect.objectContaining({ series: MEMORY_SHARE }),
  ]);
  expect(run(dataDir, 5)).toEqual([
    { at: '2026-03-03 10:00:02', kind: 'hardware-changed', message: 'Memory 62.7 GiB → 32 GiB.' },
    { at: '2026-03-03 10:00:00', kind: 'started', message: 'Started.' },
  ]);
  expect(run(dataDir, 6)).toEqual([
    {
      name: 'rig-03',
      address: '192.168.1.20',
      platform: 'linux x64',
      agent_version: '0.1.0',
      last_linked: '2026-03-03 10:00:00',
    },
  ]);
  expect(run(dataDir, 7)).toContainEqual({ name: 'rig-03', per_hour: 0.35, labels: 'rack=b zone=2' });
  expect(run(dataDir, 8)).toEqual([
    {
      task_id: taskId(1),
      name: 'unit',
      reason: 'exit',
      message: 'It ended with exit code 1.',
      ended: '2026-03-03 10:00:01',
    },
  ]);
  expect(run(dataDir, 9)).toEqual([
    { type: 'pytest', attempts: 2, seconds: 1.2, cpu_seconds: 1, peak_bytes: USAGE.memoryPeakBytes },
  ]);
  expect(run(dataDir, 10)).toEqual([
    { attempt: `${taskId(2)}.3`, task: 'unit', worker: 'removed' },
    { attempt: `${taskId(1)}.1`, task: 'unit', worker: 'rig-03' },
  ]);
  expect(run(dataDir, 11)).toEqual([
    { worker_id: 'rig', since: '2026-03-03 10:00:01', bytes: MACHINE.memoryBytes },
    { worker_id: 'rig', since: '2026-03-03 10:00:02', bytes: 2 ** 35 },
  ]);
});

test('the documented columns are the columns of the views', () => {
  const dataDir = folderWithData();
  const database = openReadable(join(dataDir, 'metrics.db'));
  const documented = [
    ...readProjectFile('docs/storage.md').matchAll(
      /^\| ((?:`\w+`(?:, )?)+) \| (?:the|metric|`1`|start|over|nearest|samples)/gm,
    ),
  ].flatMap(([, names]) => [...(names ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name));
  for (const view of ['samples_1m', 'samples_10m', 'samples_1h']) {
    const columns = database.prepare(`SELECT name FROM pragma_table_info(?)`).pluck().all(view);
    expect(columns.toSorted()).toEqual(documented.toSorted());
  }
  database.close();
});
