/** `labwatch status --watch`: a table that follows the fleet on a terminal, a line a change elsewhere. */

import { isInForeground } from '../app/terminal-foreground.ts';
import { openScreen, type Screen } from '../app/terminal-screen.ts';
import { figuresLine } from '../core/fleet/figures-line.ts';
import type { WorkerId, WorkerView } from '../core/fleet/worker.ts';
import { ok, type Result } from '../core/result.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import type { FleetEvent, StatusReport } from '../shared/control/contract.ts';
import { print, printJson } from './command.ts';
import { statusLines, titleOf } from './status-table.ts';

/** Ends with Ctrl+C or `q`, or with a failure when the instance goes away. */
export async function watchStatus(client: ControlClient, report: StatusReport, isJson: boolean): Promise<Result<null>> {
  const left = new Promise<Result<null>>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve(ok(null)));
  });
  if (isJson) return Promise.race([left, client.stream('watch', {}, printJson)]);
  const workers = new Map<WorkerId, WorkerView>(report.workers.map((worker) => [worker.workerId, worker]));
  if (process.stdout.isTTY && isInForeground()) return watchOnTerminal(client, report, workers, left);
  const follow = client.stream('watch', {}, (event) => {
    for (const worker of applyEvent(workers, event)) print(`${titleOf(worker)}  ${figuresLine(worker)}`);
  });
  return Promise.race([left, follow]);
}

async function watchOnTerminal(
  client: ControlClient,
  report: StatusReport,
  workers: Map<WorkerId, WorkerView>,
  left: Promise<Result<null>>,
): Promise<Result<null>> {
  let nowMs = report.nowMs;
  let screen: Screen | null = null;
  const draw = () => {
    const lines = statusLines({ ...report, nowMs, workers: [...workers.values()] });
    screen?.draw([
      ...lines.map((line) => [[line] as const]),
      [],
      [
        ['q', 'strong'],
        [' quit', 'muted'],
      ],
    ]);
  };
  const quit = new Promise<Result<null>>((resolve) => {
    screen = openScreen({
      stdin: process.stdin,
      stdout: process.stdout,
      env: process.env,
      onKey: (key) => {
        if (key === 'q' || key === '\u0003') resolve(ok(null));
      },
      onResize: draw,
    });
  });
  draw();
  const follow = client.stream('watch', {}, (event) => {
    nowMs = event.nowMs;
    applyEvent(workers, event);
    draw();
  });
  const ended = await Promise.race([left, quit, follow]);
  (screen as Screen | null)?.dispose();
  return ended;
}

/** Brings the fleet up to date and answers the workers that changed. */
function applyEvent(workers: Map<WorkerId, WorkerView>, event: FleetEvent): readonly WorkerView[] {
  const isSnapshot = event.kind === 'snapshot';
  const changed = isSnapshot ? event.snapshot.workers : event.patch.changed;
  if (isSnapshot) workers.clear();
  else for (const workerId of event.patch.removed) workers.delete(workerId);
  for (const worker of changed) workers.set(worker.workerId, worker);
  return changed;
}
