/**
 * Temperatures and fans from `/sys/class/hwmon`.
 * Names and units: the kernel's Documentation/hwmon/sysfs-interface.rst (temperatures in thousandths of a degree).
 *
 * At standard level only the CPU's own temperature is read; the other sensors come with the fans at detailed.
 */
import { includesLevel } from '../../../core/metrics/level.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, type Condition, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import type { Roots } from './roots.ts';
import { namesIn, SlowFile, targetName, textOf } from './slow-file.ts';

const CPU_CHIPS = new Set(['coretemp', 'k10temp', 'k8temp', 'zenpower', 'via_cputemp', 'cpu_thermal', 'soc_thermal']);
const DISK_CHIPS = new Set(['nvme', 'drivetemp']);
const GPU_CHIPS = new Set(['nouveau', 'radeon', 'i915', 'xe']);
/** Read by the AMD collector, which knows when the card sleeps. */
const OTHERS_BUSINESS = new Set(['amdgpu']);

interface Sensor {
  readonly key: SeriesKey;
  readonly file: SlowFile;
  readonly scale: number;
  readonly isDetailed: boolean;
}

export function hwmonCollector(roots: Roots): Collector {
  let sensors: readonly Sensor[] = [];

  function closeAll(): void {
    for (const { file } of sensors) file.close();
    sensors = [];
  }

  return {
    name: 'hwmon',
    leastLevel: 'standard',
    cadenceMs: (level) => (includesLevel(level, 'intensive') ? 1_000 : null),
    timeLimitMs: 5_000,
    isInFirstTick: false,
    async detect(): Promise<Condition> {
      closeAll();
      sensors = await findSensors(`${roots.sys}/class/hwmon`);
      return sensors.length > 0 ? OK : unsupported('The kernel shows no sensor (hwmon) on this machine.');
    },
    async read(sink: Sink, context: ReadContext): Promise<Condition> {
      const isDetailed = includesLevel(context.level, 'detailed');
      let asked = 0;
      let answered = 0;
      for (const sensor of sensors) {
        if (sensor.isDetailed && !isDetailed) continue;
        asked += 1;
        const raw = await sensor.file.number();
        if (raw === null) continue;
        answered += 1;
        sink.put(sensor.key, raw * sensor.scale);
      }
      return asked > 0 && answered === 0 ? failing('No sensor answers.') : OK;
    },
    reset() {},
    dispose: closeAll,
  };
}

async function findSensors(folder: string): Promise<readonly Sensor[]> {
  const found: Sensor[] = [];
  for (const entry of await namesIn(folder)) {
    const chip = await textOf(`${folder}/${entry}/name`);
    if (chip === null || OTHERS_BUSINESS.has(chip)) continue;
    found.push(...(await sensorsOfChip(`${folder}/${entry}`, chip)));
  }
  return found;
}

async function sensorsOfChip(folder: string, chip: string): Promise<readonly Sensor[]> {
  const names = await namesIn(folder);
  const place = (await targetName(`${folder}/device`)) ?? chip;
  const inputs = names.filter((name) => /^(temp|fan)\d+_input$/.test(name)).map((name) => name.replace('_input', ''));
  const labels = new Map<string, string | null>();
  for (const input of inputs) labels.set(input, await textOf(`${folder}/${input}_label`));
  const main = CPU_CHIPS.has(chip) ? mainSensorsOf(inputs, labels) : new Set<string>();
  const sensors: Sensor[] = [];
  for (const input of inputs) {
    const file = await SlowFile.open(`${folder}/${input}_input`);
    if (file === null) continue;
    const isFan = input.startsWith('fan');
    const name = labels.get(input) ?? `${chip} ${input}`;
    const id = `${place}/${input}`;
    const key = isFan
      ? seriesKey('hw.fan.speed', { 'hw.id': id, 'hw.name': name })
      : seriesKey('hw.temperature', { 'hw.id': id, 'hw.name': name, 'hw.type': hardwareTypeOf(chip) });
    sensors.push({ key, file, scale: isFan ? 1 : 0.001, isDetailed: !main.has(input) });
  }
  return sensors;
}

/**
 * The sensors that speak for a whole CPU: Intel's package, AMD's die. `Tctl` may carry an offset for the fan control
 * (Documentation/hwmon/k10temp.rst), so it counts only where there is no `Tdie`. Without such labels the first speaks.
 */
function mainSensorsOf(inputs: readonly string[], labels: ReadonlyMap<string, string | null>): ReadonlySet<string> {
  const temperatures = inputs.filter((input) => input.startsWith('temp'));
  for (const wanted of [/^Package id/, /^Tdie/, /^Tctl/]) {
    const matching = temperatures.filter((input) => wanted.test(labels.get(input) ?? ''));
    if (matching.length > 0) return new Set(matching);
  }
  return new Set(temperatures.slice(0, 1));
}

/** Kinds of hardware as OpenTelemetry's `hw.type` names them; `other` for boards, network cards, batteries. */
function hardwareTypeOf(chip: string): string {
  if (CPU_CHIPS.has(chip)) return 'cpu';
  if (DISK_CHIPS.has(chip)) return 'physical_disk';
  return GPU_CHIPS.has(chip) ? 'gpu' : 'other';
}
