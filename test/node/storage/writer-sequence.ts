/** What the writer process stores, so that the test can tell what must be there. */
import type { WorkerEvent } from '../../../src/core/metrics/sample.ts';

/** Long ago, so that rollups and packing run while ticks still come. */
export const WRITER_START_MS = Math.floor(Date.now() / 86_400_000) * 86_400_000 - 86_400_000;

export const WRITER_EVENT: WorkerEvent = { atMs: WRITER_START_MS, kind: 'started', message: 'The writer started.' };

export function valueAt(index: number): number {
  return ((index * 37) % 101) / 100;
}
