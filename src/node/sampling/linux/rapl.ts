/**
 * Power of CPU packages and memory from RAPL's energy counters in `/sys/class/powercap`.
 * Format: the kernel's Documentation/power/powercap/powercap.rst. The counters start again at 0 after
 * `max_energy_range_uj`, within an hour on a busy server, so one wrap between two readings is reckoned with.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { wrappedIncreaseOf } from '../../../core/metrics/rate.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import {
  type Collector,
  type Condition,
  failing,
  noPermission,
  OK,
  type ReadContext,
  type Sink,
  unsupported,
} from '../collector.ts';
import type { PowerLedger } from '../power-ledger.ts';
import { KeptFile } from './kept-file.ts';
import type { Roots } from './roots.ts';

/** More than any package draws: what would need more was a reset of the counter and not a wrap. */
const MOST_WATTS = 5_000;
const MAX_GAP_MS = 60_000;

type Kind = 'package' | 'memory' | 'platform';

class Zone {
  readonly id: string;
  readonly kind: Kind;
  readonly #key: SeriesKey | null;
  readonly #rangeUj: number;
  readonly #file: KeptFile;
  #energyUj = Number.NaN;
  #atMs = Number.NaN;

  constructor(folder: string, id: string, name: string, kind: Kind) {
    this.id = id;
    this.kind = kind;
    const type = kind === 'package' ? 'cpu' : 'memory';
    this.#key = kind === 'platform' ? null : seriesKey('hw.power', { 'hw.id': id, 'hw.name': name, 'hw.type': type });
    this.#rangeUj = Number(readFileSync(`${folder}/max_energy_range_uj`, 'utf8'));
    this.#file = new KeptFile(`${folder}/energy_uj`);
  }

  /** Watts since the reading before, or null where the two make none. */
  read(context: ReadContext): number | null {
    const energyUj = this.#file.readStart().number();
    const atMs = context.monotonicMs();
    const elapsedMs = atMs - this.#atMs;
    const mostUj = MOST_WATTS * elapsedMs * 1_000;
    const increaseUj = wrappedIncreaseOf(this.#energyUj, energyUj, this.#rangeUj, mostUj);
    this.#energyUj = energyUj;
    this.#atMs = atMs;
    return increaseUj === null || !(elapsedMs > 0) || elapsedMs > MAX_GAP_MS ? null : increaseUj / 1_000 / elapsedMs;
  }

  put(sink: Sink, watts: number): void {
    if (this.#key !== null) sink.put(this.#key, watts);
  }

  forget(): void {
    this.#energyUj = Number.NaN;
  }

  close(): void {
    this.#file.close();
  }
}

export function raplCollector(roots: Roots, ledger: PowerLedger): Collector {
  const folder = `${roots.sys}/class/powercap`;
  let zones: Zone[] = [];

  function closeAll(): void {
    for (const zone of zones) zone.close();
    zones = [];
  }

  return {
    name: 'rapl',
    leastLevel: 'standard',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect(): Condition {
      closeAll();
      try {
        zones = zonesIn(folder);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
        return noPermission(
          'Only root may read the energy counters of the CPU (RAPL).',
          `sudo chmod a+r ${folder}/*/energy_uj`,
        );
      }
      return zones.length > 0 ? OK : unsupported('The CPU shows no energy counter (RAPL) here.');
    },
    read(sink, context) {
      const nowMs = context.monotonicMs();
      for (const zone of zones) {
        const watts = zone.read(context);
        if (watts === null) continue;
        zone.put(sink, watts);
        if (zone.kind === 'platform') ledger.reportWhole(zone.id, watts, nowMs);
        else ledger.reportPart(zone.id, watts, nowMs);
      }
      return zones.length > 0 ? OK : failing('The energy counters are gone.');
    },
    reset() {
      for (const zone of zones) zone.forget();
    },
    dispose: closeAll,
  };
}

/**
 * Packages, their memory and the platform (`psys`). Cores and graphics are contained in their package; the `mmio` zones
 * repeat the packages by another way.
 */
function zonesIn(folder: string): Zone[] {
  const zones: Zone[] = [];
  for (const id of namesIn(folder)) {
    if (!/^intel-rapl:\d+(:\d+)?$/.test(id)) continue;
    const name = readFileSync(`${folder}/${id}/name`, 'utf8').trim();
    const kind = kindOf(name);
    if (kind !== null) zones.push(new Zone(`${folder}/${id}`, id, name, kind));
  }
  return zones;
}

function kindOf(name: string): Kind | null {
  if (name.startsWith('package')) return 'package';
  if (name === 'dram') return 'memory';
  return name === 'psys' ? 'platform' : null;
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
