/** `labwatch headless`: an instance without a window, from the claim of its data folder to its orderly end. */

import { join } from 'node:path';
import { type ExitCode, exitCodeOf, failureLine } from '../core/failure-words.ts';
import type { Level } from '../core/metrics/level.ts';
import type { Failure } from '../core/result.ts';
import type { Disposable } from '../core/time.ts';
import type { Log } from '../engine/ports.ts';
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
  const end = watchForEnd({
    clock: systemClock,
    hasTerminal: [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY),
  });
  const { dataDir } = options;
  const claim = await claimDataDir({ dataDir, kind: 'headless', version: packageVersion(), clock: systemClock });
  if (claim.kind !== 'claimed') {
    end.dispose();
    return complain(claim.error);
  }
  const log = openLog({ logsDir: join(dataDir, 'logs'), clock: systemClock });
  const started: Disposable[] = [claim.lock, log];
  try {
    const failure = await start(options, claim.lock, log, end, started);
    if (failure !== null) return complain(failure, 1);
    const reason = await end.ended;
    log.info('labwatch headless stops.', { reason });
    return exitCodeFor(reason);
  } finally {
    await stopAll(started);
    end.dispose();
  }
}

/** Adds to `started` whatever must be stopped, also when it answers a failure. */
async function start(
  options: HeadlessOptions,
  lock: InstanceLock,
  log: Log,
  end: EndWatch,
  started: Disposable[],
): Promise<Failure | null> {
  const { dataDir, level, durationMs } = options;
  const { composeInstance } = await import('./compose.ts');
  const composed = await composeInstance({ dataDir, log, ...(level === null ? {} : { level }) });
  if (!composed.ok) return composed.error;
  const instance = composed.value;
  started.push(instance);
  const onStop = () => end.end('request');
  const serving = await serveControl({ instance, lock, clock: systemClock, log, onFocus: null, onStop });
  if (!serving.ok) return serving.error;
  started.push(serving.value);
  log.info('labwatch headless starts.', { version: lock.holder.version, level: instance.settings().level });
  started.push(await startOutput(instance, lock, options, end));
  if (durationMs !== null) end.endAfter(durationMs);
  return null;
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
