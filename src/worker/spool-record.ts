/**
 * How the spool keeps a batch on disk: length (4 bytes), ticks in it (2), CRC-32 of all but itself (4), then the batch
 * as JSON. Numbers are little-endian.
 *
 * A process killed while writing leaves a torn record at the end of its file and nowhere else: what does not add up ends
 * the reading of that file.
 */
import { crc32 } from 'node:zlib';

export const HEADER_BYTES = 10;
const CHECKED_BYTES = 6;
const MOST_TICKS = 0xffff;

export interface SpoolRecord {
  readonly tickCount: number;
  /** UTF-8. */
  readonly payload: Uint8Array;
}

export function encodeRecord({ tickCount, payload }: SpoolRecord): Uint8Array {
  if (tickCount > MOST_TICKS) throw new Error(`A record of the spool cannot hold ${tickCount} ticks.`);
  const record = Buffer.alloc(HEADER_BYTES + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt16LE(tickCount, 4);
  record.writeUInt32LE(checksumOf(record.subarray(0, CHECKED_BYTES), payload), CHECKED_BYTES);
  record.set(payload, HEADER_BYTES);
  return record;
}

/** The whole records of a file, in order, up to the first that is torn or damaged. Payloads are views into `bytes`. */
export function decodeRecords(bytes: Uint8Array): readonly SpoolRecord[] {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: SpoolRecord[] = [];
  for (let at = 0; at + HEADER_BYTES <= file.length; ) {
    const start = at + HEADER_BYTES;
    const end = start + file.readUInt32LE(at);
    const payload = file.subarray(start, end);
    const isWhole = end <= file.length && end > start;
    if (
      !isWhole ||
      file.readUInt32LE(at + CHECKED_BYTES) !== checksumOf(file.subarray(at, at + CHECKED_BYTES), payload)
    )
      break;
    records.push({ tickCount: file.readUInt16LE(at + 4), payload });
    at = end;
  }
  return records;
}

function checksumOf(header: Uint8Array, payload: Uint8Array): number {
  return crc32(payload, crc32(header));
}
