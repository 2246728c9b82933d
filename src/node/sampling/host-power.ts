/** Power and energy of the host, from what the other collectors measured. Reads nothing itself; stands last. */
import { seriesKey } from '../../core/metrics/series.ts';
import { type Collector, OK, type ReadContext, type Sink, unsupported } from './collector.ts';
import type { PowerLedger } from './power-ledger.ts';

const POWER = seriesKey('hw.host.power');
const ENERGY = seriesKey('hw.host.energy');

/** Sources that read counters need two ticks for a first figure. */
const PATIENCE_MS = 10_000;
/** Over a longer gap no energy is assumed. */
const MAX_GAP_MS = 30_000;

export function hostPowerCollector(ledger: PowerLedger): Collector {
  let joules = 0;
  let lastAtMs: number | null = null;
  let waitingSinceMs: number | null = null;
  return {
    name: 'power',
    leastLevel: 'standard',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect: () => OK,
    read(sink: Sink, context: ReadContext) {
      const nowMs = context.monotonicMs();
      const watts = ledger.hostWatts(nowMs);
      if (watts === null) {
        lastAtMs = null;
        waitingSinceMs ??= nowMs;
        if (nowMs - waitingSinceMs < PATIENCE_MS) return OK;
        waitingSinceMs = null;
        return unsupported('No part of this machine tells its power.');
      }
      waitingSinceMs = null;
      if (lastAtMs !== null && nowMs - lastAtMs <= MAX_GAP_MS) joules += (watts * (nowMs - lastAtMs)) / 1_000;
      lastAtMs = nowMs;
      sink.put(POWER, watts);
      sink.put(ENERGY, joules);
      return OK;
    },
    reset() {
      lastAtMs = null;
    },
    dispose() {},
  };
}
