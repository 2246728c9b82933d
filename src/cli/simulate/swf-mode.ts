/** `labwatch simulate --swf`: a recorded workload through the product's own queue, placement and prediction. */
import { readFile, writeFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { SingleBar } from 'cli-progress';
import { formatDuration, formatPercent } from '../../core/metrics/format.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import { coveredShare } from '../../core/scheduling/predict-coverage.ts';
import { runTrace, type TraceEvent, type TraceRun } from '../../core/simulation/swf-run.ts';
import { parseTrace, type TraceJob } from '../../core/simulation/swf-trace.ts';
import { waitingFigures } from '../../core/simulation/waiting-figures.ts';
import { print, printJson } from '../command.ts';
import { profileOf } from './profile-flag.ts';
import type { SwfFlags } from './swf-options.ts';

/** Prints the figures. `invalid-argument` for what is missing, or no trace; `storage` where the events cannot be written. */
export async function simulateSwf({ swf, processors, load, events, profile, json }: SwfFlags): Promise<Result<null>> {
  if (swf === undefined || processors === undefined || load === undefined) {
    return fail('invalid-argument', 'Give --processors and --load beside --swf.');
  }
  const chosen = profileOf(profile, 'balanced');
  if (!chosen.ok) return chosen;
  const text = await readTrace(swf);
  if (!text.ok) return text;
  const jobs = parseTrace(text.value, processors, load);
  if (!jobs.ok) return jobs;
  const progress = showProgress(jobs.value.length);
  const run = runTrace(jobs.value, processors, chosen.value, progress.ended);
  progress.dispose();
  const written = events === undefined ? ok(null) : await writeEvents(events, run.events);
  if (!written.ok) return written;
  tell(jobs.value, run, json ?? false);
  return ok(null);
}

function showProgress(total: number) {
  if (!process.stderr.isTTY) return { ended() {}, dispose() {} };
  const format = '[{bar}] {value} of {total} jobs';
  const bar = new SingleBar({ stream: process.stderr, hideCursor: true, clearOnComplete: true, barsize: 30, format });
  bar.start(total, 0);
  return { ended: (count: number) => bar.update(count), dispose: () => bar.stop() };
}

async function readTrace(path: string): Promise<Result<string>> {
  try {
    const bytes = await readFile(path);
    const isZipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return ok((isZipped ? gunzipSync(bytes) : bytes).toString('latin1'));
  } catch (error) {
    return fail('invalid-argument', `${path} cannot be read as a trace: ${(error as Error).message}.`);
  }
}

async function writeEvents(path: string, events: readonly TraceEvent[]): Promise<Result<null>> {
  const rows = events.map(({ job, startS, endS }) => `${job},${startS},${endS}`);
  try {
    await writeFile(path, ['job,start,end', ...rows, ''].join('\n'));
    return ok(null);
  } catch (error) {
    return fail('storage', `${path} cannot be written: ${(error as Error).message}.`);
  }
}

function tell(jobs: readonly TraceJob[], { events, predictor }: TraceRun, isJson: boolean): void {
  const figures = waitingFigures(jobs, events);
  const durationCoverage = coveredShare(predictor.coverage('durationMs'));
  if (isJson) {
    printJson({ ...figures, durationCoverage });
    return;
  }
  const { meanBoundedSlowdown, p99BoundedSlowdown, meanWaitSeconds, longestWaitSeconds } = figures;
  print(
    `${figures.jobs} jobs. Bounded slowdown: ${meanBoundedSlowdown.toFixed(1)} on average, ${Math.round(p99BoundedSlowdown)} for the 99th of a hundred.`,
  );
  print(
    `They waited ${formatDuration(meanWaitSeconds * 1_000)} on average, ${formatDuration(longestWaitSeconds * 1_000)} at most.`,
  );
  if (durationCoverage !== null) {
    print(
      `${formatPercent(durationCoverage)} of run times lay in the interval foretold at their start; 90 % are meant to.`,
    );
  }
}
