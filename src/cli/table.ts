/** Text in columns. */
import { columnsOf, fitColumns } from '../app/terminal-text.ts';

/** One line a row, the first being the head; each column as wide as its widest cell. Cells are printable already. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => columnsOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => fitColumns(cell, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
