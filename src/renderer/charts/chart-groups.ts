/**
 * Charts out of the series that a worker has: which series share a chart, in which order the charts stand.
 *
 * The arrangement names metrics of the catalogue, never devices, so that any machine gets the charts it has data for; a
 * metric that it does not mention gets a chart of its own at the end. Pure.
 */
import { METRICS, type MetricName, type Unit } from '../../core/metrics/catalogue.ts';
import { type Attributes, parseSeriesKey, type SeriesKey } from '../../core/metrics/series.ts';
import { ARRANGEMENT, type Arranged, NOT_CHARTED } from './chart-arrangement.ts';
import { labelsOf } from './series-labels.ts';

export interface ChartSeries {
  readonly key: SeriesKey;
  readonly label: string;
  /** Index of the series colour, 0..7. */
  readonly colour: number;
}

export interface ChartDefinition {
  readonly id: string;
  readonly title: string;
  readonly metric: MetricName;
  readonly unit: Unit;
  readonly series: readonly ChartSeries[];
}

export interface ChartGroup {
  readonly id: string;
  readonly title: string;
  readonly isOpenAtFirst: boolean;
  readonly charts: readonly ChartDefinition[];
}

/** There are eight colours that can be told apart, so a chart holds at most eight series. */
export const SERIES_COLOURS = 8;

interface Parsed {
  readonly key: SeriesKey;
  readonly metric: MetricName;
  readonly attributes: Attributes;
}

export function chartGroups(keys: readonly SeriesKey[]): readonly ChartGroup[] {
  const byMetric = Map.groupBy(
    keys.map((key): Parsed => ({ key, ...parseSeriesKey(key) })).filter(({ metric }) => Object.hasOwn(METRICS, metric)),
    ({ metric }) => metric,
  );
  const mentioned = new Set<MetricName>([...NOT_CHARTED, ...ARRANGEMENT.flatMap(({ metrics }) => metrics)]);
  const rest = [...byMetric.keys()]
    .filter((metric) => !mentioned.has(metric))
    .map((metric): Arranged => ({ id: metric, title: METRICS[metric].title, metrics: [metric], isOpenAtFirst: false }));
  return [...ARRANGEMENT, ...rest].flatMap((arranged) => {
    const members = arranged.metrics.flatMap((metric) => byMetric.get(metric) ?? []).filter(isWanted(arranged));
    return members.length === 0 ? [] : [groupOf(arranged, members)];
  });
}

function isWanted({ having, lacking = [] }: Arranged): (series: Parsed) => boolean {
  return ({ attributes }) =>
    (having === undefined || attributes[having] !== undefined) &&
    lacking.every((name) => attributes[name] === undefined);
}

function groupOf(arranged: Arranged, members: readonly Parsed[]): ChartGroup {
  const { id, title, splitBy, isOpenAtFirst } = arranged;
  const bySubject = Map.groupBy(members, ({ attributes }) =>
    splitBy === undefined ? '' : (attributes[splitBy] ?? ''),
  );
  const subjects = [...bySubject].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  const charts = subjects.flatMap(([subject, series]) =>
    chartsOf(arranged, subject === '' ? title : `${title} ${subject}`, `${id} ${subject}`, series),
  );
  return { id, title, isOpenAtFirst, charts };
}

function chartsOf(arranged: Arranged, title: string, id: string, members: readonly Parsed[]): ChartDefinition[] {
  const labels = withoutTitle(labelsOf(members, arranged.splitBy, arranged.labelPrefix), arranged.title);
  const sorted = members
    .map((member, index) => ({ ...member, label: labels[index] ?? '' }))
    .sort(
      (a, b) =>
        arranged.metrics.indexOf(a.metric) - arranged.metrics.indexOf(b.metric) ||
        a.label.localeCompare(b.label, 'en', { numeric: true }),
    );
  const pages: ChartDefinition[] = [];
  for (let start = 0; start < sorted.length; start += SERIES_COLOURS) {
    const page = sorted.slice(start, start + SERIES_COLOURS);
    const first = page[0];
    const last = page.at(-1);
    if (first === undefined || last === undefined) break;
    const isPaged = sorted.length > SERIES_COLOURS;
    pages.push({
      id: isPaged ? `${id} ${start}` : id,
      title: isPaged ? `${title}: ${first.label} to ${last.label}` : title,
      metric: first.metric,
      unit: METRICS[first.metric].unit,
      series: page.map(({ key, label }, index) => ({
        key,
        label,
        colour: colourAt(arranged.colours ?? [0], index),
      })),
    });
  }
  return pages;
}

function colourAt(colours: readonly number[], index: number): number {
  const last = colours.length - 1;
  return colours[index] ?? ((colours[last] ?? 0) + index - last) % SERIES_COLOURS;
}

/** `Load 1 min` under the title `Load` is `1 min`. */
function withoutTitle(labels: readonly string[], title: string): readonly string[] {
  const start = `${title} `;
  return labels.length > 1 && labels.every((label) => label.startsWith(start))
    ? labels.map((label) => label.slice(start.length))
    : labels;
}
