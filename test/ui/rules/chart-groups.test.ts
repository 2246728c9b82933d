/** Which charts come out of which series, without a browser. */
import { describe, expect, it } from 'vitest';
import { METRICS, type MetricName } from '../../../src/core/metrics/catalogue.ts';
import { type Attributes, type SeriesKey, seriesKey } from '../../../src/core/metrics/series.ts';
import { NOT_CHARTED } from '../../../src/renderer/charts/chart-arrangement.ts';
import { chartGroups, SERIES_COLOURS } from '../../../src/renderer/charts/chart-groups.ts';

const key = (metric: MetricName, attributes?: Attributes): SeriesKey => seriesKey(metric, attributes);
const gpu = (id: string, name: string) => key('hw.gpu.utilization', { 'hw.id': id, 'hw.name': name });

describe('chart groups', () => {
  it('keep total, modes and cores of one metric apart', () => {
    const groups = chartGroups([
      key('system.cpu.utilization'),
      key('system.cpu.utilization', { 'cpu.mode': 'user' }),
      key('system.cpu.utilization', { 'cpu.logical_number': '0' }),
    ]);
    expect(groups.map(({ id, isOpenAtFirst }) => [id, isOpenAtFirst])).toEqual([
      ['cpu', true],
      ['cpu-modes', false],
      ['cores', false],
    ]);
  });

  it('give each device and interface a chart of its own, directions together', () => {
    const disks = ['sdb', 'sda'].flatMap((device) =>
      ['write', 'read'].map((direction) =>
        key('system.disk.io', { 'system.device': device, 'disk.io.direction': direction }),
      ),
    );
    const charts = chartGroups(disks).flatMap((group) => group.charts);
    expect(charts.map(({ title }) => title)).toEqual(['Disk sda', 'Disk sdb']);
    expect(charts[0]?.series.map(({ label }) => label)).toEqual(['read', 'write']);
  });

  it('put at most eight series into a chart, in the order of their numbers', () => {
    const cores = Array.from({ length: 20 }, (_, number) =>
      key('system.cpu.utilization', { 'cpu.logical_number': String(number) }),
    );
    const charts = chartGroups(cores.reverse()).flatMap((group) => group.charts);
    expect(charts.map(({ title, series }) => [title, series.length])).toEqual([
      ['CPU cores: core 0 to core 7', 8],
      ['CPU cores: core 8 to core 15', 8],
      ['CPU cores: core 16 to core 19', 4],
    ]);
    for (const { series } of charts) expect(new Set(series.map(({ colour }) => colour)).size).toBe(series.length);
  });

  it('name series by what tells them apart', () => {
    const labels = (keys: readonly SeriesKey[]) => chartGroups(keys)[0]?.charts[0]?.series.map(({ label }) => label);
    expect(labels([gpu('0', 'RTX 4090'), gpu('1', 'RTX 3080')])).toEqual(['RTX 3080', 'RTX 4090']);
    expect(labels([gpu('0', 'RTX 4090'), gpu('1', 'RTX 4090')])).toEqual(['0', '1']);
    expect(labels([gpu('0', 'RTX 4090')])).toEqual(['RTX 4090']);
    expect(labels([key('labwatch.load1'), key('labwatch.load15')])).toEqual(['1 min', '15 min']);
  });

  it('chart every metric of the catalogue but those that are shown in other ways', () => {
    const metrics = Object.keys(METRICS) as MetricName[];
    const charted = new Set(
      chartGroups(metrics.map((metric) => key(metric, { 'system.device': 'x', 'cpu.mode': 'user' })))
        .concat(chartGroups(metrics.map((metric) => key(metric))))
        .flatMap((group) =>
          group.charts.map(({ metric, series }) => [metric, ...series.map((one) => one.key.split('{')[0])]),
        )
        .flat(),
    );
    const missing = metrics.filter((metric) => !charted.has(metric));
    expect(missing.sort()).toEqual([...NOT_CHARTED].sort());
  });

  it('use no colour beyond the eight', () => {
    const many = Array.from({ length: 30 }, (_, number) => key('hw.temperature', { 'hw.id': String(number) }));
    for (const { colour } of chartGroups(many).flatMap((group) => group.charts.flatMap(({ series }) => series))) {
      expect(colour).toBeGreaterThanOrEqual(0);
      expect(colour).toBeLessThan(SERIES_COLOURS);
    }
  });
});
