/** `/proc/PID/io`: bytes that really went to and from storage. Format: proc_pid_io(5). */
import { type ByteCursor, bytesOf } from '../byte-cursor.ts';

export interface ProcessIoReading {
  readBytes: number;
  writtenBytes: number;
}

const READ = bytesOf('read_bytes:');
const WRITE = bytesOf('write_bytes:');

/** NaN for what the text does not name. */
export function parseProcessIo(cursor: ByteCursor, into: ProcessIoReading): void {
  into.readBytes = into.writtenBytes = Number.NaN;
  do {
    if (cursor.startsWith(READ)) {
      cursor.at += READ.length;
      into.readBytes = cursor.number();
    } else if (cursor.startsWith(WRITE)) {
      cursor.at += WRITE.length;
      into.writtenBytes = cursor.number();
    }
  } while (cursor.nextLine());
}
