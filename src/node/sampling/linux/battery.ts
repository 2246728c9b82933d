/**
 * Charge of the batteries, and the machine's power while they discharge, from `/sys/class/power_supply`.
 * Names and units: the kernel's Documentation/ABI/testing/sysfs-class-power (µW, µA, µV, µWh, µAh).
 */
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, type Condition, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import type { PowerLedger } from '../power-ledger.ts';
import type { Roots } from './roots.ts';
import { namesIn, numberIn, SlowFile, textOf } from './slow-file.ts';

const FILES = [
  'status',
  'capacity',
  'energy_now',
  'energy_full',
  'charge_now',
  'charge_full',
  'power_now',
  'current_now',
  'voltage_now',
] as const;

export type BatteryFile = (typeof FILES)[number];
/** What the files of one battery say; null for a file that is not there or has no answer. */
export type BatteryText = Readonly<Record<BatteryFile, string | null>>;

interface Battery {
  readonly name: string;
  readonly key: SeriesKey;
  readonly files: ReadonlyMap<BatteryFile, SlowFile>;
}

export function batteryCollector(roots: Roots, ledger: PowerLedger): Collector {
  const folder = `${roots.sys}/class/power_supply`;
  let batteries: readonly Battery[] = [];

  function closeAll(): void {
    for (const { files } of batteries) for (const file of files.values()) file.close();
    batteries = [];
  }

  return {
    name: 'battery',
    leastLevel: 'standard',
    cadenceMs: () => 5_000,
    timeLimitMs: 5_000,
    isInFirstTick: false,
    async detect(): Promise<Condition> {
      closeAll();
      batteries = await findBatteries(folder);
      return batteries.length > 0 ? OK : unsupported('This machine has no battery.');
    },
    async read(sink: Sink, context: ReadContext): Promise<Condition> {
      let charges = 0;
      for (const battery of batteries) {
        const text = await textOfBattery(battery);
        const charge = chargeOf(text);
        if (charge !== null) charges += 1;
        sink.put(battery.key, charge);
        const watts = dischargeWattsOf(text);
        if (watts !== null) ledger.reportWhole(`battery ${battery.name}`, watts, context.monotonicMs());
      }
      return charges > 0 ? OK : failing('No battery tells its charge.');
    },
    reset() {},
    dispose: closeAll,
  };
}

/** Charge as a share of what the battery can hold now; its own percentage where it tells no more. */
export function chargeOf(text: BatteryText): number | null {
  const now = numberIn(text.energy_now) ?? numberIn(text.charge_now);
  const full = numberIn(text.energy_full) ?? numberIn(text.charge_full);
  if (now !== null && full !== null && full > 0) return Math.min(1, now / full);
  const percent = numberIn(text.capacity);
  return percent === null ? null : percent / 100;
}

/** Watts drawn from the battery while it discharges, else null. Some drivers give a current that is negative. */
export function dischargeWattsOf(text: BatteryText): number | null {
  if (text.status !== 'Discharging') return null;
  const microwatts = numberIn(text.power_now);
  if (microwatts !== null) return Math.abs(microwatts) / 1e6;
  const microamps = numberIn(text.current_now);
  const microvolts = numberIn(text.voltage_now);
  return microamps === null || microvolts === null ? null : Math.abs(microamps * microvolts) / 1e12;
}

async function findBatteries(folder: string): Promise<readonly Battery[]> {
  const batteries: Battery[] = [];
  for (const name of await namesIn(folder)) {
    if ((await textOf(`${folder}/${name}/type`)) !== 'Battery') continue;
    // A mouse or a keyboard has a battery of its own.
    if ((await textOf(`${folder}/${name}/scope`)) === 'Device') continue;
    const files = new Map<BatteryFile, SlowFile>();
    for (const wanted of FILES) {
      const file = await SlowFile.open(`${folder}/${name}/${wanted}`);
      if (file !== null) files.set(wanted, file);
    }
    batteries.push({ name, key: seriesKey('hw.battery.charge', { 'hw.id': name }), files });
  }
  return batteries;
}

async function textOfBattery({ files }: Battery): Promise<BatteryText> {
  const text: Partial<Record<BatteryFile, string | null>> = {};
  for (const name of FILES) text[name] = (await files.get(name)?.text()) ?? null;
  return text as BatteryText;
}
