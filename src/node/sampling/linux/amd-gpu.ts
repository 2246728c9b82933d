/**
 * AMD GPUs from `/sys/class/drm`.
 * Files and units: the kernel's Documentation/gpu/amdgpu/driver-misc.rst and thermal.rst (bytes, percent, thousandths of
 * a degree, µW, Hz).
 *
 * Reading most of these wakes a card that sleeps. So its `power/runtime_status` is read first, which does not, and a
 * sleeping card is left asleep.
 */
import { includesLevel, type Level } from '../../../core/metrics/level.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import {
  type Collector,
  type Condition,
  failing,
  OK,
  okBecause,
  type ReadContext,
  type Sink,
  unsupported,
} from '../collector.ts';
import { type GpuKeys, gpuKeys } from '../gpu-series.ts';
import type { PowerLedger } from '../power-ledger.ts';
import type { Roots } from './roots.ts';
import { namesIn, SlowFile, targetName, textOf } from './slow-file.ts';

const AMD_VENDOR = '0x1002';

interface Sensor {
  readonly key: SeriesKey;
  readonly file: SlowFile;
  readonly scale: number;
  readonly leastLevel: Level;
}

interface Card {
  readonly id: string;
  readonly status: SlowFile | null;
  readonly memoryUsed: SlowFile | null;
  readonly memoryTotal: SlowFile | null;
  readonly power: SlowFile | null;
  readonly keys: GpuKeys;
  readonly sensors: readonly Sensor[];
}

export function amdGpuCollector(roots: Roots, ledger: PowerLedger): Collector {
  let cards: readonly Card[] = [];

  function closeAll(): void {
    for (const card of cards) {
      for (const file of [card.status, card.memoryUsed, card.memoryTotal, card.power]) file?.close();
      for (const { file } of card.sensors) file.close();
    }
    cards = [];
  }

  return {
    name: 'amd-gpu',
    leastLevel: 'standard',
    cadenceMs: () => 1_000,
    timeLimitMs: 5_000,
    isInFirstTick: false,
    async detect(): Promise<Condition> {
      closeAll();
      cards = await findCards(`${roots.sys}/class/drm`);
      return cards.length > 0 ? OK : unsupported('There is no AMD GPU with the amdgpu driver.');
    },
    async read(sink: Sink, context: ReadContext): Promise<Condition> {
      const asleep: string[] = [];
      let answered = 0;
      for (const card of cards) {
        if ((await card.status?.text()) === 'suspended') asleep.push(card.id);
        else answered += await readCard(card, sink, context, ledger);
      }
      if (asleep.length > 0) return okBecause(`Asleep, and left asleep: GPU ${asleep.join(', ')}.`);
      return answered > 0 ? OK : failing('No AMD GPU answers.');
    },
    reset() {},
    dispose: closeAll,
  };
}

/** Answers how many of the card's files had an answer. */
async function readCard(card: Card, sink: Sink, context: ReadContext, ledger: PowerLedger): Promise<number> {
  let answered = 0;
  for (const { key, file, scale, leastLevel } of card.sensors) {
    if (!includesLevel(context.level, leastLevel)) continue;
    const raw = await file.number();
    if (raw === null) continue;
    answered += 1;
    sink.put(key, raw * scale);
  }
  const usedBytes = (await card.memoryUsed?.number()) ?? null;
  const totalBytes = (await card.memoryTotal?.number()) ?? null;
  sink.put(card.keys.memoryUsage, usedBytes);
  sink.put(card.keys.memoryLimit, totalBytes);
  if (usedBytes !== null && totalBytes !== null && totalBytes > 0) {
    sink.put(card.keys.memoryUtilization, usedBytes / totalBytes);
  }
  const microwatts = (await card.power?.number()) ?? null;
  if (microwatts !== null) {
    sink.put(card.keys.power, microwatts / 1e6);
    ledger.reportPart(`gpu ${card.id}`, microwatts / 1e6, context.monotonicMs());
  }
  return answered + (usedBytes === null ? 0 : 1);
}

async function findCards(folder: string): Promise<readonly Card[]> {
  const cards: Card[] = [];
  for (const name of await namesIn(folder)) {
    if (!/^card\d+$/.test(name)) continue;
    const device = `${folder}/${name}/device`;
    if ((await textOf(`${device}/vendor`)) !== AMD_VENDOR) continue;
    cards.push(await openCard(device, (await targetName(device)) ?? name));
  }
  return cards;
}

async function openCard(device: string, id: string): Promise<Card> {
  const keys = gpuKeys(id, (await textOf(`${device}/product_name`)) || 'AMD GPU');
  const hwmonName = (await namesIn(`${device}/hwmon`))[0];
  const hwmon = `${device}/hwmon/${hwmonName ?? 'none'}`;
  const sensors: Sensor[] = [];
  const add = async (path: string, key: SeriesKey, scale: number, leastLevel: Level) => {
    const file = await SlowFile.open(path);
    if (file !== null) sensors.push({ key, file, scale, leastLevel });
  };
  await add(`${device}/gpu_busy_percent`, keys.utilization, 0.01, 'standard');
  await add(`${hwmon}/temp1_input`, keys.temperature, 0.001, 'standard');
  await add(`${hwmon}/freq1_input`, keys.graphicsClock, 1, 'intensive');
  await add(`${hwmon}/freq2_input`, keys.memoryClock, 1, 'intensive');
  for (const fan of (await namesIn(hwmon)).filter((name) => /^fan\d+_input$/.test(name))) {
    const label = `${id}/${fan.replace('_input', '')}`;
    await add(`${hwmon}/${fan}`, seriesKey('hw.fan.speed', { 'hw.id': label, 'hw.name': 'GPU fan' }), 1, 'detailed');
  }
  return {
    id,
    keys,
    sensors,
    status: await SlowFile.open(`${device}/power/runtime_status`),
    memoryUsed: await SlowFile.open(`${device}/mem_info_vram_used`),
    memoryTotal: await SlowFile.open(`${device}/mem_info_vram_total`),
    // Newer kernels give the momentary value where older ones give an average.
    power: (await SlowFile.open(`${hwmon}/power1_average`)) ?? (await SlowFile.open(`${hwmon}/power1_input`)),
  };
}
