/** `labwatch headless` where nobody watches: a line at the start, one each 10 s, one for each storage notice and worker that comes or goes. */

import { figuresLine } from '../core/fleet/figures-line.ts';
import type { ListenerView } from '../core/fleet/listener.ts';
import type { WorkerEvent } from '../core/metrics/sample.ts';
import { noticeSentence } from '../core/storage-words.ts';
import type { Disposable } from '../core/time.ts';
import type { Instance } from './instance.ts';
import type { InstanceLock } from './instance-lock.ts';
import { printable } from './terminal-text.ts';

const LINE_INTERVAL_MS = 10_000;
const LINK_EVENTS: readonly WorkerEvent['kind'][] = ['paired', 'unreachable', 'lost', 'back', 'samples-lost'];

export function writePlainLines(instance: Instance, lock: InstanceLock, output: NodeJS.WritableStream): Disposable {
  const local = () => instance.monitor.worker(instance.localWorkerId);
  const say = (text: string) => output.write(`${clockTime(new Date())}  ${text}\n`);

  say(
    `Labwatch ${lock.holder.version} watches ${local()?.name ?? 'this machine'} at level ${instance.settings().level}; ` +
      `data in ${instance.dataDir}. Ctrl+C or \`labwatch stop\` ends it.`,
  );
  for (const notice of instance.notices()) say(noticeSentence(notice));
  const notices = instance.onNotices((current) => {
    for (const notice of current) say(noticeSentence(notice));
  });
  const comings = instance.monitor.onBatch((workerId, batch) => {
    const told = batch.events?.filter(({ kind }) => LINK_EVENTS.includes(kind)) ?? [];
    if (told.length === 0 || workerId === instance.localWorkerId) return;
    const name = instance.monitor.worker(workerId)?.name ?? workerId;
    for (const { message } of told) say(printable(`${name}: ${message}`));
  });
  const sayFailure = ({ state, reason }: ListenerView) => {
    if (state === 'failed') say(`No worker can come in: ${reason ?? 'the listener failed.'}`);
  };
  sayFailure(instance.listener());
  const listening = instance.onListener(sayFailure);
  const timer = setInterval(() => {
    const worker = local();
    if (worker !== undefined) say(figuresLine(worker));
  }, LINE_INTERVAL_MS);
  return {
    dispose() {
      clearInterval(timer);
      void notices.dispose();
      void comings.dispose();
      void listening.dispose();
    },
  };
}

/** Local time of day, `14:03:20`. */
function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
