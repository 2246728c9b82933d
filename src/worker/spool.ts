/**
 * What the coordinator has not taken yet, on disk: it survives `kill -9` at once and a power cut but for a second.
 *
 * Append-only files of a bounded size, each readable by itself. A file goes when everything in it was taken; when all
 * together grow too large the oldest goes first, and its ticks are counted as lost. Where the disk refuses, the newest
 * batches stay in memory. A batch may come to be delivered twice (after a crash), never to be forgotten: the coordinator
 * knows a tick by its time.
 */
import type { SampleBatch } from '../core/metrics/sample.ts';
import type { Failure } from '../core/result.ts';
import type { Clock, Disposable } from '../core/time.ts';
import { BatchEncoder } from '../shared/protocol/codec.ts';
import { type LatePiece, LatePieceBuilder } from './late-piece.ts';
import { createSegment, readSegment, removeSegment, type SegmentWriter, segmentFilesIn } from './spool-files.ts';
import { createSpoolOverflow } from './spool-overflow.ts';
import { spoolProblem } from './spool-problem.ts';
import { countRecords, readSpoolFile, type SpoolReading } from './spool-reading.ts';
import { encodeRecord } from './spool-record.ts';
import { Segment, type SpoolRef, ticksIn } from './spool-segment.ts';

const SEGMENT_BYTES = 1024 * 1024;
const MOST_BYTES = 64 * 1024 * 1024;
/** Batches in memory while the disk refuses: five minutes at a tick a second. */
const MOST_IN_MEMORY = 300;
/** The disk is asked again this often once it refused. */
const RETRY_MS = 5_000;
const SYNC_EVERY_MS = 1_000;

export interface SpoolOptions {
  readonly folder: string;
  readonly clock: Clock;
  /** For tests: smaller bounds. */
  readonly segmentBytes?: number;
  readonly mostBytes?: number;
  /** What is wrong with the disk, when it begins; null when it has ended. */
  readonly onProblem?: (problem: Failure | null) => void;
}

export interface Spool extends Disposable {
  /** Keeps ticks, processes and events of a batch. `isHeld`: it is under way already, so `next` leaves it out. */
  append(batch: SampleBatch, isHeld: boolean): SpoolRef;
  /** What waits longest, about `mostBytes` of it; null when nothing waits. It is held from then on. */
  next(mostBytes: number): LatePiece | null;
  /** It is not under way any more, and waits again. */
  release(ref: SpoolRef): void;
  /** The coordinator has these. */
  taken(refs: readonly SpoolRef[]): void;
  /** The link ended: what was under way waits again. */
  rewind(): void;
  /** Bytes on disk that were not taken yet. */
  bytes(): number;
  /** Ticks given up since the start. */
  lostTicks(): number;
  /** Waits until the disk has what was written. */
  dispose(): void;
}

/** Never throws for what the disk does; that is told to `onProblem`. */
export function openSpool(options: SpoolOptions): Spool {
  const { folder, clock, segmentBytes = SEGMENT_BYTES, mostBytes = MOST_BYTES, onProblem } = options;
  const overflow = createSpoolOverflow(MOST_IN_MEMORY);
  const segments = new Map<number, Segment>();
  let writer: SegmentWriter | null = null;
  let encoder = new BatchEncoder();
  let reading: SpoolReading | null = null;
  /** Files up to this number were read since the last rewind. */
  let readUpTo = 0;
  let lostTicks = 0;
  let refusedAtMs: number | null = null;
  let syncedAtMs = Number.NEGATIVE_INFINITY;
  let nextNumber = 1;

  attempt(() => {
    for (const { number, bytes } of segmentFilesIn(folder)) {
      segments.set(number, new Segment(number, bytes, null));
      nextNumber = number + 1;
    }
  });

  function lose(ticks: number): void {
    lostTicks += ticks;
  }

  /** False when the system refused; everything the disk does goes through here. */
  function attempt(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (refusedAtMs === null) onProblem?.(spoolProblem(folder, error as NodeJS.ErrnoException));
      refusedAtMs = clock.monotonicMs();
      return false;
    }
  }

  function write(batch: SampleBatch, isHeld: boolean): SpoolRef | null {
    let ref: SpoolRef | null = null;
    const isWritten = attempt(() => {
      if (writer !== null && writer.bytes >= segmentBytes) seal();
      if (writer === null) {
        writer = createSegment(folder, nextNumber);
        encoder = new BatchEncoder();
        segments.set(nextNumber, new Segment(nextNumber, 0, 0));
        nextNumber += 1;
      }
      const { ticks, processes, events } = batch;
      const wire = encoder.encode({
        ...(ticks === undefined ? {} : { ticks }),
        ...(processes === undefined ? {} : { processes }),
        ...(events === undefined ? {} : { events }),
      });
      const record = encodeRecord({ tickCount: ticksIn(batch), payload: Buffer.from(JSON.stringify(wire)) });
      writer.append(record);
      ref = segments.get(writer.number)!.added(ticksIn(batch), record.length, isHeld);
    });
    if (!isWritten) abandonWriter();
    return ref;
  }

  /** After an error the end of the file is uncertain: the next batch begins another. */
  function abandonWriter(): void {
    const abandoned = writer;
    if (abandoned === null) return;
    writer = null;
    nextNumber = Math.max(nextNumber, abandoned.number + 1);
    attempt(() => abandoned.close());
    const segment = segments.get(abandoned.number);
    if (segment?.isDone) remove(segment);
  }

  function seal(): void {
    const sealed = writer;
    writer = null;
    sealed?.close();
  }

  function remove(segment: Segment): void {
    if (writer?.number === segment.number) attempt(seal);
    if (reading?.segment === segment) reading = null;
    segments.delete(segment.number);
    attempt(() => removeSegment(folder, segment.number));
  }

  function giveUpOldest(): void {
    let totalBytes = 0;
    for (const segment of segments.values()) totalBytes += segment.bytes;
    for (const segment of segments.values()) {
      if (totalBytes <= mostBytes || segments.size === 1) return;
      if (segment.recordCount === null) attempt(() => countRecords(segment, readSegment(folder, segment.number)));
      lose(segment.tickCount - segment.takenTicks);
      totalBytes -= segment.bytes;
      readUpTo = Math.max(readUpTo, segment.number);
      remove(segment);
    }
  }

  function startReading(): boolean {
    for (const segment of segments.values()) {
      if (segment.number <= readUpTo) continue;
      readUpTo = segment.number;
      // A file that is read is written no further.
      if (writer?.number === segment.number) attempt(seal);
      const isRead = attempt(() => {
        const written = segment.recordCount === null ? null : segment.tickCount;
        reading = readSpoolFile(segment, readSegment(folder, segment.number), lose);
        // A disk that forgot some of it.
        if (written !== null) lose(written - segment.tickCount);
      });
      if (isRead) return true;
    }
    return false;
  }

  return {
    append(batch, isHeld) {
      const mayTry = refusedAtMs === null || clock.monotonicMs() - refusedAtMs >= RETRY_MS;
      const ref = mayTry ? write(batch, isHeld) : null;
      if (ref === null) {
        const kept = overflow.add(batch, isHeld);
        lose(kept.lostTicks);
        return kept.ref;
      }
      if (refusedAtMs !== null) {
        refusedAtMs = null;
        onProblem?.(null);
        for (const waiting of overflow.drain()) write(waiting, false) ?? overflow.add(waiting, false);
      }
      if (clock.monotonicMs() - syncedAtMs >= SYNC_EVERY_MS) {
        syncedAtMs = clock.monotonicMs();
        writer?.sync();
      }
      giveUpOldest();
      return ref;
    },
    next(mostPieceBytes) {
      const piece = new LatePieceBuilder();
      while (reading !== null || startReading()) {
        const current: SpoolReading = reading!;
        if (current.isAtEnd()) {
          reading = null;
          if (current.segment.isDone) remove(current.segment);
        } else if (!current.addNext(piece, mostPieceBytes)) return piece.build();
      }
      for (let one = piece.isEmpty ? overflow.next() : null; one !== null; one = overflow.next()) {
        piece.add(one.batch, one.ref);
      }
      return piece.isEmpty ? null : piece.build();
    },
    release(ref) {
      if (ref.segment === 0) {
        overflow.release(ref);
        return;
      }
      segments.get(ref.segment)?.release(ref.index);
      if (ref.segment > readUpTo) return;
      readUpTo = ref.segment - 1;
      reading = null;
    },
    taken(refs) {
      for (const ref of refs) {
        const segment = segments.get(ref.segment);
        if (ref.segment === 0) overflow.take(ref);
        else if (segment !== undefined) {
          segment.take(ref);
          if (segment.isDone && reading?.segment !== segment) remove(segment);
        }
      }
    },
    rewind() {
      reading = null;
      readUpTo = 0;
      overflow.release();
      for (const segment of segments.values()) {
        segment.release();
        if (segment.isDone) remove(segment);
      }
    },
    bytes() {
      let bytes = 0;
      for (const segment of segments.values()) bytes += segment.bytes - segment.takenBytes;
      return bytes;
    },
    lostTicks: () => lostTicks,
    dispose() {
      for (const waiting of overflow.drain()) write(waiting, false);
      attempt(seal);
    },
  };
}
