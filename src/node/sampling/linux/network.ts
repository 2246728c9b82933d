/** Network rates per interface, from `/proc/net/dev`. An interface that never carried a packet gets no series. */

import type { MetricName } from '../../../core/metrics/catalogue.ts';
import { includesLevel } from '../../../core/metrics/level.ts';
import { Counter } from '../../../core/metrics/rate.ts';
import { type SeriesKey, seriesKey } from '../../../core/metrics/series.ts';
import { type Collector, failing, OK, type ReadContext, type Sink, unsupported } from '../collector.ts';
import { type KeptFile, reopen } from './kept-file.ts';
import { isInnerInterface, type NetworkReading, parseNetDev } from './parse/net-dev.ts';
import type { Roots } from './roots.ts';

interface Column {
  readonly metric: MetricName;
  readonly direction: 'receive' | 'transmit';
  readonly field: keyof NetworkReading;
  readonly isDetailed: boolean;
}

const COLUMNS: readonly Column[] = [
  { metric: 'system.network.io', direction: 'receive', field: 'receivedBytes', isDetailed: false },
  { metric: 'system.network.io', direction: 'transmit', field: 'sentBytes', isDetailed: false },
  { metric: 'system.network.packet.count', direction: 'receive', field: 'receivedPackets', isDetailed: true },
  { metric: 'system.network.packet.count', direction: 'transmit', field: 'sentPackets', isDetailed: true },
  { metric: 'system.network.packet.dropped', direction: 'receive', field: 'receiveDropped', isDetailed: true },
  { metric: 'system.network.packet.dropped', direction: 'transmit', field: 'sendDropped', isDetailed: true },
  { metric: 'system.network.errors', direction: 'receive', field: 'receiveErrors', isDetailed: true },
  { metric: 'system.network.errors', direction: 'transmit', field: 'sendErrors', isDetailed: true },
];

interface Interface {
  readonly counters: readonly { readonly column: Column; readonly key: SeriesKey; readonly counter: Counter }[];
}

export function networkCollector(roots: Roots): Collector {
  let file: KeptFile | null = null;
  /** Null: loopback, the inner ends of cables. */
  const interfaces = new Map<string, Interface | null>();

  function interfaceNamed(name: string): Interface | null {
    let known = interfaces.get(name);
    if (known === undefined) {
      known = isInnerInterface(name) ? null : interfaceOf(name);
      interfaces.set(name, known);
    }
    return known;
  }

  return {
    name: 'network',
    leastLevel: 'standard',
    cadenceMs: () => null,
    timeLimitMs: 2_000,
    isInFirstTick: false,
    detect() {
      interfaces.clear();
      file = reopen(file, `${roots.proc}/net/dev`);
      return file === null ? unsupported(`There is no ${roots.proc}/net/dev.`) : OK;
    },
    read(sink: Sink, context: ReadContext) {
      if (file === null) return failing('/proc/net/dev is not open.');
      const isDetailed = includesLevel(context.level, 'detailed');
      const text = file.read();
      const atMs = context.monotonicMs();
      parseNetDev(text, (name, reading) => {
        if (reading.receivedPackets + reading.sentPackets === 0) return;
        for (const { column, key, counter } of interfaceNamed(name)?.counters ?? []) {
          if (isDetailed || !column.isDetailed) sink.put(key, counter.next(reading[column.field], atMs));
        }
      });
      return OK;
    },
    reset: () => interfaces.clear(),
    dispose() {
      file?.close();
    },
  };
}

function interfaceOf(name: string): Interface {
  return {
    counters: COLUMNS.map((column) => ({
      column,
      key: seriesKey(column.metric, { 'network.interface.name': name, 'network.io.direction': column.direction }),
      counter: new Counter(),
    })),
  };
}
