/** Tells when a person or the system wants the agent to end, or when the agent that tries it out is gone. A second wish ends it at once. */
import type { Clock } from '../core/time.ts';

/** Signals this close together are one wish: a terminal and the program that started us both send one. */
const ONE_WISH_MS = 1_000;

export interface StopWatch {
  /** Resolves to null, so that it can be raced against what ends with a reason. */
  readonly stopped: Promise<null>;
}

/** Watches from now on, for good. Without any terminal the agent outlives the one it was started from. */
export function watchForStop(clock: Clock): StopWatch {
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  let firstMs: number | null = null;
  const stopped = new Promise<null>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (signal === 'SIGHUP' && !hasTerminal) return;
        firstMs ??= clock.monotonicMs();
        if (clock.monotonicMs() - firstMs > ONE_WISH_MS) process.exit(1);
        resolve(null);
      });
    }
    process.once('disconnect', () => resolve(null));
    process.channel?.unref();
  });
  // Nobody reads the lines any more: that is no reason to watch no more.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  return { stopped };
}
