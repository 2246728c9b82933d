/** Which tasks ran when, for a worker's charts: few thin rows whatever runs at once, and the names of a moment. Pure. */
import type { AttemptView } from '../../core/tasks/view.ts';
import { type BarRow, barRows, firstReaching, type RowsOf, rowOf } from '../timeline/bar-rows.ts';
import { drawnEndMs } from '../timeline/bars.ts';
import { unturned } from '../ui/unturned.ts';

/** More would hide the curves; what runs beside so many shares the last one. */
const MOST_BANDS = 4;
/** Names of a moment; the others are counted. */
const MOST_NAMES = 3;

export function bandRows(attempts: readonly AttemptView[], before?: RowsOf): readonly BarRow[] {
  const rows = barRows(attempts, before);
  if (rows.length <= MOST_BANDS) return rows;
  const shared = rows.slice(MOST_BANDS - 1).flatMap(({ bars }) => bars);
  return [...rows.slice(0, MOST_BANDS - 1), rowOf(shared.sort((one, other) => one.fromMs - other.fromMs))];
}

/** `train/vit-b, pytest/unit and 2 more`; empty where nothing ran. `reachMs`: what was shorter than a pixel counts with it. */
export function namesAt(rows: readonly BarRow[], atMs: number, reachMs: number, nowMs: number): string {
  const names = rows.flatMap((row) => {
    const found: string[] = [];
    for (let index = firstReaching(row, atMs - reachMs); index < row.bars.length; index += 1) {
      const bar = row.bars[index];
      if (bar === undefined || bar.fromMs > atMs + reachMs) break;
      if (drawnEndMs(bar, nowMs) >= atMs - reachMs) found.push(unturned(bar.attempt.name));
    }
    return found;
  });
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}
