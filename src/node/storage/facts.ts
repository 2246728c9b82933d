/** Single values that metrics.db keeps of itself, under names. */
import type { ReadableDatabase } from './connection.ts';

export interface Facts {
  /** Raw samples stored now. */
  readonly samples: number;
  /** From here on each resolution is complete; what is older was given up by retention. Whole hours. */
  readonly 'kept-from-raw': number;
  readonly 'kept-from-1m': number;
  readonly 'kept-from-10m': number;
  readonly 'kept-from-1h': number;
  /** When the whole file was last read for damage. */
  readonly 'checked-at': number;
}

export type FactStore = ReturnType<typeof createFacts>;

export function createFacts(database: ReadableDatabase) {
  const select = database.prepare<[], { name: string; value: number | string }>('SELECT name, value FROM facts');
  const upsert = database.readonly
    ? null
    : database.prepare(
        'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
      );
  let values = new Map<string, number | string>();
  reload();

  function reload(): void {
    values = new Map(select.all().map((row) => [row.name, row.value]));
  }

  function set(name: keyof Facts | 'local-worker', value: number | string): void {
    if (values.get(name) === value) return;
    upsert!.run(name, value);
    values.set(name, value);
  }

  function get(name: keyof Facts): number {
    return Number(values.get(name) ?? 0);
  }

  return {
    reload,
    get,
    set: (name: keyof Facts, value: number): void => set(name, value),
    add: (name: keyof Facts, difference: number): void => set(name, get(name) + difference),
    /** Kept here too, so that a lost fleet.db does not orphan this machine's history. */
    localWorker: (): string | null => (values.has('local-worker') ? String(values.get('local-worker')) : null),
    setLocalWorker: (workerId: string): void => set('local-worker', workerId),
  };
}
