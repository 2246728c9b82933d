/** `labwatch headless` where nobody watches: a line at the start, one each 10 s, one for each storage notice. */
import { figuresLine } from '../core/fleet/figures-line.ts';
import { noticeSentence } from '../core/storage-words.ts';
import type { Disposable } from '../core/time.ts';
import type { Instance } from './instance.ts';
import type { InstanceLock } from './instance-lock.ts';

const LINE_INTERVAL_MS = 10_000;

export function writePlainLines(instance: Instance, lock: InstanceLock, output: NodeJS.WritableStream): Disposable {
  const local = () => instance.monitor.snapshot().workers.find(({ workerId }) => workerId === instance.localWorkerId);
  const say = (text: string) => output.write(`${clockTime(new Date())}  ${text}\n`);

  say(
    `Labwatch ${lock.holder.version} watches ${local()?.name ?? 'this machine'} at level ${instance.settings().level}; ` +
      `data in ${instance.dataDir}. Ctrl+C or \`labwatch stop\` ends it.`,
  );
  for (const notice of instance.notices()) say(noticeSentence(notice));
  const notices = instance.onNotices((current) => {
    for (const notice of current) say(noticeSentence(notice));
  });
  const timer = setInterval(() => {
    const worker = local();
    if (worker !== undefined) say(figuresLine(worker));
  }, LINE_INTERVAL_MS);
  return {
    dispose() {
      clearInterval(timer);
      void notices.dispose();
    },
  };
}

/** Local time of day, `14:03:20`. */
function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}
