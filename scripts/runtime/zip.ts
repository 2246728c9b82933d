// A reader for zip archives: the central directory, then single entries as streams.
// Format: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (central directory), 4.3.16 (end record).
// Bounds: no zip64, no encryption; methods stored (0) and deflate (8). Anything else is an error, never a wrong file.
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';

const endSignature = 0x06054b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;
const endRecordBytes = 22;
const longestCommentBytes = 0xffff;
const centralHeaderBytes = 46;
const localHeaderBytes = 30;

export type ZipEntry = {
  readonly name: string;
  /** POSIX permission bits, 0 where the archive's maker recorded none. */
  readonly mode: number;
  readonly isFolder: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly localHeaderOffset: number;
};

export type ZipArchive = {
  readonly entries: readonly ZipEntry[];
  /** Writes one entry to a file, its folders included; throws on a torn or tampered entry. */
  extract(entry: ZipEntry, toFile: string, onBytes?: (count: number) => void): Promise<void>;
  close(): Promise<void>;
};

/** Opens an archive; throws where it is not a whole zip file. */
export async function openZip(file: string): Promise<ZipArchive> {
  const handle = await open(file, 'r');
  try {
    const entries = await readEntries(handle, (await handle.stat()).size);
    return {
      entries,
      extract: (entry, toFile, onBytes) => extractEntry(file, handle, entry, toFile, onBytes ?? (() => {})),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function readEntries(handle: FileHandle, fileBytes: number): Promise<readonly ZipEntry[]> {
  const tail = await readAt(handle, Math.max(0, fileBytes - endRecordBytes - longestCommentBytes), fileBytes);
  const end = findEndRecord(tail);
  if (end < 0) throw new Error('not a whole zip file: its end record is missing');
  const count = tail.readUInt16LE(end + 10);
  const bytes = tail.readUInt32LE(end + 12);
  const offset = tail.readUInt32LE(end + 16);
  const directory = await readAt(handle, offset, offset + bytes);
  const entries: ZipEntry[] = [];
  for (let at = 0; entries.length < count; ) {
    if (at + centralHeaderBytes > directory.length || directory.readUInt32LE(at) !== centralSignature) {
      throw new Error('not a whole zip file: its directory is torn');
    }
    const nameBytes = directory.readUInt16LE(at + 28);
    const name = directory.toString('utf8', at + centralHeaderBytes, at + centralHeaderBytes + nameBytes);
    if (isUnsafeName(name)) throw new Error(`refused a zip entry that points outside its folder: ${name}`);
    entries.push({
      name,
      mode: (directory.readUInt32LE(at + 38) >>> 16) & 0o777,
      isFolder: name.endsWith('/'),
      method: directory.readUInt16LE(at + 10),
      crc: directory.readUInt32LE(at + 16),
      packedBytes: directory.readUInt32LE(at + 20),
      sizeBytes: directory.readUInt32LE(at + 24),
      localHeaderOffset: directory.readUInt32LE(at + 42),
    });
    at += centralHeaderBytes + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
  }
  return entries;
}

function findEndRecord(tail: Buffer): number {
  for (let at = tail.length - endRecordBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature) return at;
  }
  return -1;
}

function isUnsafeName(name: string): boolean {
  return name.startsWith('/') || name.includes('\\') || name.split('/').includes('..');
}

async function readAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const buffer = Buffer.alloc(to - from);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  if (bytesRead !== buffer.length) throw new Error('not a whole zip file: it ends too early');
  return buffer;
}

async function extractEntry(
  file: string,
  handle: FileHandle,
  entry: ZipEntry,
  toFile: string,
  onBytes: (count: number) => void,
): Promise<void> {
  if (entry.method !== 0 && entry.method !== 8) {
    throw new Error(`zip method ${entry.method} of ${entry.name} is unknown`);
  }
  const header = await readAt(handle, entry.localHeaderOffset, entry.localHeaderOffset + localHeaderBytes);
  if (header.readUInt32LE(0) !== localSignature) throw new Error(`zip entry ${entry.name} is torn`);
  const start = entry.localHeaderOffset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  await mkdir(dirname(toFile), { recursive: true });
  const sink = createWriteStream(toFile, { mode: entry.mode || 0o644 });
  if (entry.sizeBytes === 0) {
    await new Promise<void>((resolve, reject) => sink.on('error', reject).end(() => resolve()));
    return;
  }
  const packed = createReadStream(file, { start, end: start + entry.packedBytes - 1 });
  const sum = summing(onBytes);
  if (entry.method === 8) await pipeline(packed, createInflateRaw(), sum.stream, sink);
  else await pipeline(packed, sum.stream, sink);
  if (sum.crc() !== entry.crc || sum.bytes() !== entry.sizeBytes) {
    throw new Error(`zip entry ${entry.name} is damaged: its checksum does not match`);
  }
}

function summing(onBytes: (count: number) => void) {
  let crc = 0;
  let bytes = 0;
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      crc = crc32(chunk, crc);
      bytes += chunk.length;
      onBytes(chunk.length);
      done(null, chunk);
    },
  });
  return { stream, crc: () => crc, bytes: () => bytes };
}
