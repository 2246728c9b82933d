/** One file of the spool on its way to the coordinator. Its layouts make sense only in order, so records are decoded in order. */
import type { SampleBatch } from '../core/metrics/sample.ts';
import { BatchDecoder } from '../shared/protocol/codec.ts';
import { LIMITS, type WireBatch } from '../shared/protocol/contract.ts';
import type { LatePieceBuilder } from './late-piece.ts';
import { decodeRecords, HEADER_BYTES, type SpoolRecord } from './spool-record.ts';
import type { Segment } from './spool-segment.ts';

export interface SpoolReading {
  readonly segment: Segment;
  isAtEnd(): boolean;
  /** Adds the next record, unless it was taken or is under way; false when it does not fit any more. */
  addNext(piece: LatePieceBuilder, mostBytes: number): boolean;
}

/** `onLost`: ticks of a record that only another version of the agent can have written. */
export function readSpoolFile(segment: Segment, file: Uint8Array, onLost: (ticks: number) => void): SpoolReading {
  const records = countRecords(segment, file);
  const decoder = new BatchDecoder();
  let next = 0;
  return {
    segment,
    isAtEnd: () => next >= records.length,
    addNext(piece, mostBytes) {
      const record = records[next]!;
      const { tickCount } = record;
      const bytes = HEADER_BYTES + record.payload.length;
      const isTooMuch = piece.bytes + bytes > mostBytes || piece.tickCount + tickCount > LIMITS.ticksPerDelivery;
      if (!piece.isEmpty && isTooMuch) return false;
      const ref = { segment: segment.number, index: next, tickCount, bytes };
      next += 1;
      const batch = batchIn(record, decoder);
      if (!segment.isWanted(ref.index)) return true;
      if (batch === null) {
        segment.take(ref);
        onLost(tickCount);
      } else {
        segment.hold(ref.index);
        piece.add(batch, ref);
      }
      return true;
    },
  };
}

/** What the file holds, be it less than was written: a disk may fail. */
export function countRecords(segment: Segment, file: Uint8Array): readonly SpoolRecord[] {
  const records = decodeRecords(file);
  segment.recordCount = records.length;
  segment.tickCount = records.reduce((sum, { tickCount }) => sum + tickCount, 0);
  return records;
}

function batchIn(record: SpoolRecord, decoder: BatchDecoder): SampleBatch | null {
  try {
    const batch = decoder.decode(JSON.parse(Buffer.from(record.payload).toString()) as WireBatch);
    return batch.ok ? batch.value : null;
  } catch {
    return null;
  }
}
