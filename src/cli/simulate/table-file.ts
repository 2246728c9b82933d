/** A file of rows of texts with a head, columns separated by commas; what is wrong is told with its file and row. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { fail, ok, type Result } from '../../core/result.ts';
import { reasonOf } from '../plan-text.ts';

export interface TableRow {
  /** `nodes.csv, row 3`: the first row below the head is 1. */
  readonly where: string;
  /** The text of a column of the head, without spaces around it. */
  text(column: string): string;
  /** A whole number of at least `least`. */
  number(column: string, least: number): Result<number>;
}

/** `.gz` is unpacked. `invalid-argument` where the file cannot be read or lacks one of `columns`. No text has commas in it. */
export async function readTable(path: string, columns: readonly string[]): Promise<Result<readonly TableRow[]>> {
  let text: string;
  try {
    const bytes = await readFile(path);
    text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  } catch (error) {
    return fail('invalid-argument', `${path} cannot be read: ${reasonOf(error)}.`);
  }
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const names = head.split(',').map((name) => name.trim());
  const lacking = columns.filter((column) => !names.includes(column));
  if (lacking.length > 0)
    return fail(
      'invalid-argument',
      `${path}: the head must name ${columns.join(', ')}; it lacks ${lacking.join(', ')}.`,
    );
  const rows: TableRow[] = [];
  for (const [index, line] of lines.entries()) {
    const where = `${path}, row ${index + 1}`;
    const cells = line.split(',');
    if (cells.length !== names.length)
      return fail(
        'invalid-argument',
        `${where}: expected ${names.length} columns as in the head, found ${cells.length}.`,
      );
    rows.push(rowOf(where, new Map(names.map((name, at) => [name, (cells[at] ?? '').trim()]))));
  }
  return ok(rows);
}

function rowOf(where: string, cells: ReadonlyMap<string, string>): TableRow {
  const text = (column: string) => cells.get(column) ?? '';
  return {
    where,
    text,
    number(column, least) {
      const found = text(column);
      const number = Number(found);
      if (found !== '' && Number.isSafeInteger(number) && number >= least) return ok(number);
      return fail('invalid-argument', `${where}: ${column} must be a whole number from ${least}, found “${found}”.`);
    },
  };
}
