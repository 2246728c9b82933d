/**
 * The app's own composition with a load on top: a day of history, then 4,000 samples a second through the one door.
 * It takes the place of src/app/compose.ts in the build that the bench opens.
 */
import { composeInstance as composeReal } from '../../../src/app/compose.ts';
import type { Instance } from '../../../src/app/instance.ts';
import { type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';

const ticksASecond = 4;
const seriesInATick = 1000;
const dayMs = 24 * 60 * 60 * 1000;
const secondMs = 1000;
const ticksInADelivery = 3600;

export async function composeInstance(options: Parameters<typeof composeReal>[0]): ReturnType<typeof composeReal> {
  const composed = await composeReal(options);
  if (composed.ok) {
    fillDay(composed.value);
    startLoad(composed.value);
  }
  return composed;
}

function fillDay({ monitor, localWorkerId }: Instance): void {
  const seriesKeys = [seriesKey('system.cpu.utilization'), seriesKey('system.memory.utilization')];
  const endMs = Date.now() - secondMs;
  for (let fromMs = endMs - dayMs; fromMs < endMs; fromMs += ticksInADelivery * secondMs) {
    const ticks = Array.from({ length: ticksInADelivery }, (_, at) => {
      const atMs = fromMs + at * secondMs;
      const wave = (1 + Math.sin(atMs / 600_000)) / 2;
      return { atMs, seriesKeys, values: Float64Array.of(wave, 1 - wave) };
    });
    monitor.ingest(localWorkerId, { ticks });
  }
}

function startLoad({ monitor, localWorkerId }: Instance): void {
  const seriesKeys: SeriesKey[] = Array.from({ length: seriesInATick }, (_, at) =>
    seriesKey('system.network.packet.dropped', { 'network.interface.name': `load${at}` }),
  );
  setInterval(() => {
    const second = Math.floor(Date.now() / secondMs);
    const values = Float64Array.from({ length: seriesInATick }, (_, at) => (second * 7 + at * 13) % 1000);
    monitor.ingest(localWorkerId, { ticks: [{ atMs: Date.now(), seriesKeys, values }] });
  }, secondMs / ticksASecond);
}
