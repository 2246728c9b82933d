/** Short names for the series of one chart: as many attribute values as it takes to tell them apart. Pure. */
import { METRICS, type MetricName } from '../../core/metrics/catalogue.ts';
import type { Attributes } from '../../core/metrics/series.ts';

interface Named {
  readonly metric: MetricName;
  readonly attributes: Attributes;
}

/** Labels in the order of `series`; `splitBy` is already in the chart's title, `prefix` stands before bare numbers. */
export function labelsOf(series: readonly Named[], splitBy: string | undefined, prefix: string | undefined): string[] {
  const names = [...new Set(series.flatMap(({ attributes }) => Object.keys(attributes)))]
    .filter((name) => name !== splitBy)
    .sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const varying = names.filter((name) => new Set(series.map(({ attributes }) => attributes[name])).size > 1);
  const telling = varying.length > 0 ? varying : names.slice(0, 1);
  const word = (value: string) => (prefix !== undefined && /^\d+$/.test(value) ? `${prefix} ${value}` : value);
  const labelsWith = (count: number) =>
    series.map(({ metric, attributes }) => {
      const values = telling.slice(0, count).flatMap((name) => attributes[name] ?? []);
      return values.length === 0 ? METRICS[metric].title : values.map(word).join(' ');
    });
  for (let count = 1; count <= telling.length; count += 1) {
    const labels = labelsWith(count);
    if (areUnique(labels)) return labels;
  }
  const withTitles = labelsWith(telling.length).map((label, index) => {
    const title = METRICS[series[index]?.metric ?? 'system.cpu.utilization'].title;
    return label === title ? label : `${title} ${label}`;
  });
  return areUnique(withTitles) ? withTitles : withTitles.map((label, index) => `${label} ${index + 1}`);
}

/** Attributes that only machines read come last. */
function rank(name: string): number {
  if (name.endsWith('.id')) return 2;
  return name.endsWith('.type') ? 1 : 0;
}

function areUnique(labels: readonly string[]): boolean {
  return new Set(labels).size === labels.length;
}
