/** Process snapshots: who a process is, written once; what it used, in a few bytes. */
import { ByteReader, ByteWriter, fromQuanta, toQuanta } from '../../core/metrics/codec.ts';
import type { ProcessSample, ProcessSnapshot } from '../../core/metrics/sample.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../core/time.ts';
import type { ReadableDatabase } from './connection.ts';

/** One snapshot of a worker is kept for each slot of this width: the newest. */
const SLOT_MS = 10 * SECOND_MS;

/** Oldest snapshot that still answers a question about a moment. */
const NEAR_MS = MINUTE_MS;

const CPU_QUANTUM = 0.0001;

interface ProcessRow {
  readonly id: number;
  readonly pid: number;
  readonly name: string;
  readonly user: string | null;
  readonly command: string;
  readonly seen_at_ms: number;
}

interface SnapshotRow {
  readonly at_ms: number;
  readonly process_count: number;
  readonly usage: Uint8Array;
}

export type ProcessSnapshots = ReturnType<typeof createProcessSnapshots>;

export function createProcessSnapshots(database: ReadableDatabase) {
  const selectProcess = database.prepare<[number], ProcessRow>('SELECT * FROM processes WHERE id = ?');
  const selectByPid = database.prepare<[number, number], ProcessRow>(
    'SELECT * FROM processes WHERE worker = ? AND pid = ? ORDER BY id DESC',
  );
  const selectUpTo = database.prepare<[number, number, number], SnapshotRow>(
    `SELECT at_ms, process_count, usage FROM process_snapshots
     WHERE worker = ? AND slot <= ? AND at_ms <= ? ORDER BY slot DESC LIMIT 1`,
  );
  const selectAll = database.prepare<[], SnapshotRow & { worker: number }>(
    'SELECT worker, at_ms, process_count, usage FROM process_snapshots ORDER BY at_ms',
  );
  const insertProcess = prepareWrite(
    'INSERT INTO processes (worker, pid, name, user, command, seen_at_ms) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const touchProcess = prepareWrite('UPDATE processes SET seen_at_ms = ? WHERE id = ?');
  const upsertSnapshot = prepareWrite(
    `INSERT INTO process_snapshots (worker, slot, at_ms, process_count, usage) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (worker, slot) DO UPDATE SET
       at_ms = excluded.at_ms, process_count = excluded.process_count, usage = excluded.usage
     WHERE excluded.at_ms > process_snapshots.at_ms`,
  );
  const writer = new ByteWriter();

  function prepareWrite(sql: string) {
    return database.readonly ? null : database.prepare(sql);
  }

  function idOf(worker: number, process: ProcessSample, atMs: number): number {
    const { pid, name, user, command } = process;
    for (const row of selectByPid.all(worker, pid)) {
      if (row.name !== name || row.user !== user || row.command !== command) continue;
      // Kept as long as any snapshot may refer to it, at the price of one small write an hour.
      if (atMs - row.seen_at_ms > HOUR_MS) touchProcess!.run(atMs, row.id);
      return row.id;
    }
    return Number(insertProcess!.run(worker, pid, name, user, command, atMs).lastInsertRowid);
  }

  function writeOptional(value: number | null): void {
    writer.unsigned(value === null ? 0 : Math.max(0, Math.round(value)) + 1);
  }

  function read(row: SnapshotRow): ProcessSnapshot {
    const reader = new ByteReader(row.usage);
    const processes: ProcessSample[] = [];
    const optional = (): number | null => {
      const value = reader.unsigned();
      return value === 0 ? null : value - 1;
    };
    while (!reader.isAtEnd) {
      const process = selectProcess.get(reader.unsigned());
      const usage = {
        cpuCores: fromQuanta(reader.unsigned(), CPU_QUANTUM),
        memoryBytes: reader.unsigned(),
        threadCount: optional(),
        readBytesPerSecond: optional(),
        writeBytesPerSecond: optional(),
        gpuMemoryBytes: optional(),
      };
      if (process === undefined) continue;
      const { pid, name, user, command } = process;
      processes.push({ pid, name, user, command, ...usage });
    }
    return { atMs: row.at_ms, processCount: row.process_count, processes };
  }

  return {
    /** Must run inside a transaction. */
    write(worker: number, snapshot: ProcessSnapshot): void {
      const atMs = Math.round(snapshot.atMs);
      writer.reset();
      for (const process of snapshot.processes) {
        writer.unsigned(idOf(worker, process, atMs));
        writer.unsigned(Math.max(0, toQuanta(process.cpuCores, CPU_QUANTUM) || 0));
        writer.unsigned(Math.max(0, Math.round(process.memoryBytes)));
        writeOptional(process.threadCount);
        writeOptional(process.readBytesPerSecond);
        writeOptional(process.writeBytesPerSecond);
        writeOptional(process.gpuMemoryBytes);
      }
      const slot = Math.floor(atMs / SLOT_MS);
      upsertSnapshot!.run(worker, slot, atMs, snapshot.processCount, writer.view());
    },
    /** The newest at or before `atMs` and not older than a minute before it; the newest of all for null. */
    findNear(worker: number, atMs: number | null): ProcessSnapshot | null {
      const until = atMs ?? Number.MAX_SAFE_INTEGER;
      const row = selectUpTo.get(worker, Math.floor(until / SLOT_MS), until);
      if (row === undefined || (atMs !== null && row.at_ms < atMs - NEAR_MS)) return null;
      return read(row);
    },
    /** Every snapshot, oldest first. */
    all: (): readonly { readonly worker: number; readonly snapshot: ProcessSnapshot }[] =>
      selectAll.all().map((row) => ({ worker: row.worker, snapshot: read(row) })),
  };
}
