// The figures as a table for a terminal.
import { type Figure, keepsBar } from './figure.ts';

/** Lines of a table: name, value, bar, whether it is kept, peers. */
export function figureTable(figures: readonly Figure[]): readonly string[] {
  const rows = figures.map((figure) => [
    figure.name,
    `${words(figure.value)} ${figure.unit}`,
    figure.bar === undefined ? '' : `${figure.isFloor ? '≥' : '≤'} ${words(figure.bar)}`,
    figure.bar === undefined ? '' : keepsBar(figure) ? 'kept' : 'MISSED',
    Object.entries(figure.peers ?? {})
      .map(([peer, value]) => `${peer} ${words(value)}`)
      .join(', '),
  ]);
  const all = [['figure', 'value', 'bar', '', 'peers'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Three significant digits, whole numbers from a hundred on. */
function words(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
