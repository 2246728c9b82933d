/**
 * Why a headless run ends: a signal, its time is up, a key, a request, or nobody reads its output any more.
 *
 * The first cause begins an orderly end; a signal after that ends the process at once.
 */
import type { Clock, Disposable } from '../core/time.ts';

export type EndReason = 'signal' | 'duration' | 'key' | 'request' | 'output-closed' | 'output-failed';

export interface EndWatch extends Disposable {
  readonly ended: Promise<EndReason>;
  end(reason: EndReason): void;
  endAfter(durationMs: number): void;
  dispose(): void;
}

/** Ctrl+C under npm or npx comes twice, from the terminal and from npm: so close together it is one wish. */
const ONE_WISH_MS = 1_000;
const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Watches from now on. A run without any terminal outlives the one it was started from, as `nohup` promises. */
export function watchForEnd({
  clock,
  hasTerminal,
}: {
  readonly clock: Clock;
  readonly hasTerminal: boolean;
}): EndWatch {
  let end: (reason: EndReason) => void = () => undefined;
  const ended = new Promise<EndReason>((resolve) => {
    end = resolve;
  });
  let firstSignalMs: number | null = null;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && !hasTerminal) return;
    firstSignalMs ??= clock.monotonicMs();
    if (clock.monotonicMs() - firstSignalMs > ONE_WISH_MS) process.exit(1);
    end('signal');
  };
  const onOutputError = (error: NodeJS.ErrnoException) => {
    const isClosed = error.code === 'EPIPE' || error.code === 'EIO' || error.code === 'ERR_STREAM_DESTROYED';
    end(isClosed ? 'output-closed' : 'output-failed');
  };
  const ignore = () => undefined;

  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  process.stdout.on('error', onOutputError);
  process.stderr.on('error', ignore);
  let timer: NodeJS.Timeout | undefined;

  return {
    ended,
    end,
    endAfter(durationMs) {
      timer = setTimeout(end, durationMs, 'duration');
    },
    dispose() {
      clearTimeout(timer);
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}
