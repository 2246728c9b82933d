/**
 * What `labwatch doctor` sees of the engine: asks the instance that runs, else runs one for a few seconds in a temporary
 * folder, so that database and collectors are tried for real and nothing of the person's is touched.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ListenerView } from '../core/fleet/listener.ts';
import type { WorkerView } from '../core/fleet/worker.ts';
import { formatCount, formatDuration, formatGigabytes } from '../core/metrics/format.ts';
import { noticeSentence } from '../core/storage-words.ts';
import { SECOND_MS } from '../core/time.ts';
import type { HealthReport } from '../shared/control/contract.ts';
import { type Check, check } from './doctor-check.ts';
import { connectToInstance } from './running-instance.ts';
import { absenceOf } from './status-table.ts';
import { placeOf } from './workers-table.ts';

const TRIAL_LIMIT_MS = 15 * SECOND_MS;
/** Rates need two readings, and the slower collectors their first. */
const TRIAL_TICKS = 3;

export async function engineChecks(dataDir: string): Promise<readonly Check[]> {
  const client = await connectToInstance(dataDir);
  if (!client.ok) {
    const state = client.error.code === 'unavailable' ? 'note' : 'warning';
    return [check('Instance', state, client.error.message), ...(await trialChecks())];
  }
  const [report, listener] = await Promise.all([client.value.call('doctor', {}), client.value.call('listener', {})]);
  client.value.dispose();
  if (!report.ok) return [check('Instance', 'failed', report.error.message, 'Stop it and start it again.')];
  return [
    ...instanceChecks(report.value),
    ...(listener.ok ? [listenerCheck(listener.value)] : []),
    ...report.value.workers.flatMap((worker) => [
      ...absenceChecks(worker, report.value.nowMs),
      ...collectorChecks(worker),
    ]),
  ];
}

function listenerCheck(listener: ListenerView): Check {
  const { state, isLoopbackOnly, firewallHint } = listener;
  if (state === 'failed') return check('Listener', 'warning', listener.reason ?? 'it failed');
  if (state === 'resting') return check('Listener', 'note', 'nothing listens: no worker is enrolled or invited');
  if (isLoopbackOnly) return check('Listener', 'ok', `at ${placeOf(listener)}, for this machine alone`);
  const firewall = firewallHint === null ? null : `If workers cannot reach it: ${firewallHint}`;
  return check('Listener', 'ok', `workers come in at ${placeOf(listener)}`, firewall);
}

function absenceChecks(worker: WorkerView, nowMs: number): readonly Check[] {
  const absence = absenceOf(worker, nowMs);
  const remedy = 'Look there with `labwatch worker status`, and at the network between.';
  return absence === null ? [] : [check(worker.name, 'warning', absence, remedy)];
}

function instanceChecks(report: HealthReport): readonly Check[] {
  const { instance, nowMs, usage, usageProblem, notices } = report;
  const runs = `${instance.kind} ${instance.version}, pid ${instance.pid}, for ${formatDuration(nowMs - instance.sinceMs)}`;
  const history =
    usage === null
      ? check('History', 'warning', usageProblem ?? 'unknown')
      : check(
          'History',
          'ok',
          `${formatCount(usage.sampleCount)} samples of ${formatCount(usage.seriesCount)} series in ` +
            `${formatGigabytes(usage.metricsBytes)}`,
        );
  return [
    check('Instance', 'ok', runs),
    history,
    ...notices.map((notice) => check('Storage', 'warning', noticeSentence(notice))),
  ];
}

async function trialChecks(): Promise<readonly Check[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'labwatch-doctor-'));
  try {
    const { composeInstance } = await import('../app/compose.ts');
    const composed = await composeInstance({ dataDir, level: 'detailed' });
    if (!composed.ok) return [check('Database', 'failed', composed.error.message, 'Run npm ci again in the checkout.')];
    const { monitor, localWorkerId } = composed.value;
    const hasTicked = await new Promise<boolean>((resolve) => {
      let ticks = 0;
      const timer = setTimeout(resolve, TRIAL_LIMIT_MS, false);
      const watching = monitor.onBatch((_workerId, batch) => {
        ticks += batch.ticks?.length ?? 0;
        if (ticks < TRIAL_TICKS) return;
        clearTimeout(timer);
        void watching.dispose();
        resolve(true);
      });
    });
    const worker = monitor.snapshot().workers.find(({ workerId }) => workerId === localWorkerId);
    const stored = await composed.value.store.usage();
    await composed.value.dispose();
    return [
      stored.ok ? check('Database', 'ok', 'SQLite stores') : check('Database', 'failed', stored.error.message),
      hasTicked
        ? check('Sampling', 'ok', 'readings arrive')
        : check('Sampling', 'failed', `no reading within ${formatDuration(TRIAL_LIMIT_MS)}`),
      ...(worker === undefined ? [] : collectorChecks(worker)),
    ];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function collectorChecks(worker: WorkerView): readonly Check[] {
  return worker.collectors.map(({ collector, state, reason, remedy }) => {
    const name = worker.isLocal ? collector : `${worker.name}: ${collector}`;
    if (state === 'ok') return check(name, 'ok', 'readings arrive');
    if (state === 'unsupported') return check(name, 'note', reason ?? 'not on this machine', remedy);
    return check(name, 'warning', `${state}: ${reason ?? 'no reason given'}`, remedy);
  });
}
