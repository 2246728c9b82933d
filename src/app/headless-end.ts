/**
 * Why a headless run ends: a signal, its time is up, a key, a request, or nobody reads its output any more.
 *
 * The first cause begins an orderly end; a second signal ends the process at once.
 */
import type { Disposable } from '../core/time.ts';

export type EndReason = 'signal' | 'duration' | 'key' | 'request' | 'output-closed' | 'output-failed';

export interface EndWatch extends Disposable {
  readonly ended: Promise<EndReason>;
  end(reason: EndReason): void;
  dispose(): void;
}

export interface EndOptions {
  readonly durationMs: number | null;
  /** A run without any terminal outlives the terminal it was started from, as `nohup` promises. */
  readonly hasTerminal: boolean;
}

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function watchForEnd({ durationMs, hasTerminal }: EndOptions): EndWatch {
  let end: (reason: EndReason) => void = () => undefined;
  const ended = new Promise<EndReason>((resolve) => {
    end = resolve;
  });
  let signals = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (signal === 'SIGHUP' && !hasTerminal) return;
    signals += 1;
    if (signals > 1) process.exit(1);
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
  const timer = durationMs === null ? null : setTimeout(() => end('duration'), durationMs);

  return {
    ended,
    end,
    dispose() {
      if (timer !== null) clearTimeout(timer);
      for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
    },
  };
}
