/** `labwatch headless`: an instance without a window, from the claim of its data folder to its orderly end. */

import { join } from 'node:path';
import { type ExitCode, exitCodeOf, failureLine } from '../core/failure-words.ts';
import type { Level } from '../core/metrics/level.ts';
import type { Failure } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import { openLog } from '../node/log.ts';
import { packageVersion } from '../node/package-version.ts';
import { systemClock } from '../node/system-clock.ts';
import { serveControl } from './control-api.ts';
import { type EndReason, type EndWatch, watchForEnd } from './headless-end.ts';
import type { Instance } from './instance.ts';
import { claimDataDir, type InstanceLock } from './instance-lock.ts';
import { isInForeground } from './terminal-foreground.ts';

/** How long each part may take to stop before the process gives up on it. */
const STOP_LIMIT_MS = 8_000;

export interface HeadlessOptions {
  readonly dataDir: string;
  /** Overrides the stored level for this run only; null keeps it. */
  readonly level: Level | null;
  /** Ends by itself after this long; null runs until stopped. */
  readonly durationMs: number | null;
  /** One JSON line a tick on stdout instead of anything for people. */
  readonly isJson: boolean;
}

/** Runs until told to stop. 0: ended in order; 1: could not start or end in order; 3: another instance holds the folder. */
export async function runHeadless(options: HeadlessOptions): Promise<ExitCode> {
  const claim = await claimDataDir({
    dataDir: options.dataDir,
    kind: 'headless',
    version: packageVersion(),
    clock: systemClock,
  });
  if (claim.kind !== 'claimed') return complain(claim.error);
  const { lock } = claim;
  const hasTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const end = watchForEnd({ durationMs: options.durationMs, hasTerminal });
  const log = openLog({ logsDir: join(options.dataDir, 'logs'), clock: systemClock });
  const started: Disposable[] = [lock, log];
  try {
    const { composeInstance } = await import('./compose.ts');
    const composed = await composeInstance({
      dataDir: options.dataDir,
      log,
      ...(options.level === null ? {} : { level: options.level }),
    });
    if (!composed.ok) return complain(composed.error, 1);
    const instance = composed.value;
    started.push(instance);
    const serving = await serveControl({
      instance,
      lock,
      clock: systemClock,
      log,
      onFocus: null,
      onStop: () => end.end('request'),
    });
    if (!serving.ok) return complain(serving.error, 1);
    started.push(serving.value, await startOutput(instance, lock, options, end));
    const reason = await end.ended;
    log.info('labwatch headless stops.', { reason });
    return exitCodeFor(reason);
  } finally {
    await stopAll(started);
    end.dispose();
  }
}

/** Loads only the output that this run shows. */
async function startOutput(
  instance: Instance,
  lock: InstanceLock,
  options: HeadlessOptions,
  end: EndWatch,
): Promise<Disposable> {
  if (options.isJson) return (await import('./headless-json.ts')).writeJsonLines(instance, process.stdout);
  const isLive = process.stdout.isTTY && process.env.TERM !== 'dumb' && isInForeground();
  if (isLive) return (await import('./headless-live.ts')).showLiveView(instance, lock, end);
  return (await import('./headless-lines.ts')).writePlainLines(instance, lock, process.stdout);
}

function exitCodeFor(reason: EndReason): ExitCode {
  if (reason !== 'output-failed') return 0;
  process.stderr.write('labwatch: cannot write the output (is the disk full?); monitoring has stopped.\n');
  return 1;
}

async function stopAll(started: readonly Disposable[]): Promise<void> {
  for (const part of [...started].reverse()) {
    const isInTime = await within(STOP_LIMIT_MS, async () => part.dispose());
    if (!isInTime) {
      process.stderr.write('labwatch: a part did not stop in time; what it held in memory is lost.\n');
      process.exit(1);
    }
  }
}

function within(limitMs: number, work: () => Promise<void>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, limitMs, false);
    work()
      .then(() => resolve(true), reject)
      .finally(() => clearTimeout(timer));
  });
}

function complain(failure: Failure, exitCode = exitCodeOf(failure)): ExitCode {
  process.stderr.write(`labwatch: ${failureLine(failure)}\n`);
  return exitCode;
}
