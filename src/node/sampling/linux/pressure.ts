/**
 * Share of time in which tasks stalled, from the totals in `/proc/pressure`.
 *
 * `full` of the CPU is left out: for a whole machine the kernel defines none and always answers 0.
 */
import { Counter } from '../../../core/metrics/rate.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { type PressureReading, parsePressure } from './parse/pressure.ts';
import type { Roots } from './roots.ts';

const US_PER_SECOND = 1_000_000;

class Stall {
  readonly #key: SeriesKey;
  readonly #totalUs = new Counter();

  constructor(resource: string, kind: 'some' | 'full') {
    this.#key = seriesKey('labwatch.pressure', {
      'labwatch.pressure.resource': resource,
      'labwatch.pressure.kind': kind,
    });
  }

  put(sink: Sink, totalUs: number, atMs: number): void {
    const usPerSecond = this.#totalUs.next(totalUs, atMs);
    if (usPerSecond !== null) sink.put(this.#key, Math.min(1, usPerSecond / US_PER_SECOND));
  }

  reset(): void {
    this.#totalUs.reset();
  }
}

export function pressureCollector(roots: Roots): Collector {
  const resources = ['cpu', 'memory', 'io'].map((resource) => ({
    resource,
    file: null as KeptFile | null,
    some: new Stall(resource, 'some'),
    full: resource === 'cpu' ? null : new Stall(resource, 'full'),
  }));
  const reading: PressureReading = { someTotalUs: 0, fullTotalUs: 0 };
  const reset = () => {
    for (const { some, full } of resources) {
      some.reset();
      full?.reset();
    }
  };
  return {
    name: 'pressure',
    leastLevel: 'detailed',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect() {
      reset();
      for (const entry of resources) entry.file = openIfOn(entry.file, `${roots.proc}/pressure/${entry.resource}`);
      return resources.some(({ file }) => file !== null)
        ? OK
        : unsupported(
            'The kernel does not count pressure (PSI).',
            'Start Linux 4.20 or later with psi=1 on its command line.',
          );
    },
    read(sink: Sink, context: ReadContext) {
      for (const { file, some, full } of resources) {
        if (file === null) continue;
        const text = file.readStart();
        const atMs = context.monotonicMs();
        parsePressure(text, reading);
        some.put(sink, reading.someTotalUs, atMs);
        full?.put(sink, reading.fullTotalUs, atMs);
      }
      return OK;
    },
    reset,
    dispose() {
      for (const { file } of resources) file?.close();
    },
  };
}

/** Null also where the files are there but PSI is switched off: reading them then answers EOPNOTSUPP. */
function openIfOn(before: KeptFile | null, path: string): KeptFile | null {
  const file = reopen(before, path);
  try {
    file?.readStart();
    return file;
  } catch (error) {
    file?.close();
    if ((error as NodeJS.ErrnoException).code === 'EOPNOTSUPP') return null;
    throw error;
  }
}
