/** Keeps an open window up to date, and sends nothing to a hidden one: it asks for a snapshot when it comes back. */
import type { BrowserWindow } from 'electron';
import type { Instance } from '../../app/instance.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import type { Disposable } from '../../core/time.ts';
import { push } from './bridge.ts';

export interface LiveFeed extends Disposable {
  /** Sends ticks and process snapshots of this worker, or of none. */
  watch(workerId: WorkerId | null): void;
}

export function feedWindow(instance: Instance, window: BrowserWindow): LiveFeed {
  const { monitor, tasks } = instance;
  const contents = window.webContents;
  const isSeen = () => window.isVisible() && !window.isMinimized();
  let watched: WorkerId | null = null;
  let patches: readonly Disposable[] = [];

  /** A remote worker sends its processes as it reads them only while somebody sees them. */
  const askForProcesses = () => instance.watchProcesses(isSeen() ? watched : null);
  const follow = () => {
    askForProcesses();
    if (patches.length > 0) return;
    patches = [
      monitor.onPatch((patch) => push(contents, 'fleet:patch', patch)),
      tasks.onPatch((patch) => push(contents, 'tasks:patch', patch)),
      tasks.onPulses((pulses) => push(contents, 'tasks:pulses', pulses)),
    ];
  };
  const rest = () => {
    instance.watchProcesses(null);
    for (const subscription of patches) subscription.dispose();
    patches = [];
  };
  if (isSeen()) follow();
  for (const event of ['show', 'restore'] as const) window.on(event as 'show', follow);
  for (const event of ['hide', 'minimize'] as const) window.on(event as 'hide', rest);

  const always = [
    monitor.onBatch((workerId, batch) => {
      if (workerId !== watched || !isSeen()) return;
      if (batch.ticks) push(contents, 'worker:ticks', { workerId, ticks: batch.ticks });
      for (const snapshot of batch.processes ?? []) push(contents, 'worker:process-snapshot', { workerId, snapshot });
    }),
    instance.onSettings((settings) => push(contents, 'settings:changed', settings)),
    instance.onListener((view) => push(contents, 'listener:changed', view)),
    instance.onNotices((notices) => push(contents, 'storage:notices', notices)),
  ];
  return {
    watch(workerId) {
      watched = workerId;
      askForProcesses();
    },
    dispose() {
      rest();
      for (const subscription of always) subscription.dispose();
    },
  };
}
