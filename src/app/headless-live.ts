/** `labwatch headless` on a terminal: a view that follows the fleet's patches, and two keys. */
import { LEVELS } from '../core/metrics/level.ts';
import type { ProcessSnapshot } from '../core/metrics/sample.ts';
import { noticeSentence } from '../core/storage-words.ts';
import type { Disposable } from '../core/time.ts';
import type { EndWatch } from './headless-end.ts';
import { headlessView } from './headless-view.ts';
import type { Instance } from './instance.ts';
import type { InstanceLock } from './instance-lock.ts';
import { openScreen } from './terminal-screen.ts';

const CONTROL_C = '\u0003';

export function showLiveView(instance: Instance, lock: InstanceLock, end: EndWatch): Disposable {
  let processes: ProcessSnapshot | null = null;
  const screen = openScreen({
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    onKey: (key) => {
      if (key === 'q' || key === CONTROL_C) end.end('key');
      if (key === 'l') void nextLevel(instance);
    },
    onResize: draw,
  });
  function draw(): void {
    const { columns, rows } = screen.look();
    const worker = instance.monitor.worker(instance.localWorkerId);
    if (worker === undefined) return;
    const model = {
      version: lock.holder.version,
      dataDir: instance.dataDir,
      clockText: new Date().toTimeString().slice(0, 8),
      worker,
      processes,
      notices: instance.notices().map(noticeSentence),
      hasKeys: process.stdin.isTTY === true,
    };
    screen.draw(headlessView(model, columns, rows));
  }
  const subscriptions = [
    instance.monitor.onBatch((workerId, batch) => {
      if (workerId === instance.localWorkerId) processes = batch.processes?.at(-1) ?? processes;
    }),
    instance.monitor.onPatch(draw),
    instance.onNotices(draw),
  ];
  draw();
  return {
    dispose() {
      for (const subscription of subscriptions) void subscription.dispose();
      screen.dispose();
    },
  };
}

async function nextLevel(instance: Instance): Promise<void> {
  const next = LEVELS[(LEVELS.indexOf(instance.settings().level) + 1) % LEVELS.length] ?? 'standard';
  await instance.setLevel(instance.localWorkerId, next);
}
