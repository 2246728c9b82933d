/**
 * `/proc/net/dev`: one line an interface, after two lines of headings.
 * Format: proc_pid_net(5). A large counter may touch the colon after the name.
 */
import type { ByteCursor } from '../byte-cursor.ts';

/** Counters since the interface came up; reused from line to line. */
export interface NetworkReading {
  receivedBytes: number;
  receivedPackets: number;
  receiveErrors: number;
  receiveDropped: number;
  sentBytes: number;
  sentPackets: number;
  sendErrors: number;
  sendDropped: number;
}

const reading: NetworkReading = {
  receivedBytes: 0,
  receivedPackets: 0,
  receiveErrors: 0,
  receiveDropped: 0,
  sentBytes: 0,
  sentPackets: 0,
  sendErrors: 0,
  sendDropped: 0,
};

const COLON = 58;

/** Calls back for every well-formed line. The reading is reused: copy what is to stay. */
export function parseNetDev(cursor: ByteCursor, onInterface: (name: string, reading: NetworkReading) => void): void {
  cursor.nextLine();
  while (cursor.nextLine()) {
    cursor.skipBlanks();
    // A name may hold a colon (an alias), a number never does: the last colon before the numbers ends the name.
    const lineEnd = endOfLine(cursor);
    const colon = cursor.bytes.lastIndexOf(COLON, lineEnd - 1);
    if (colon <= cursor.at) continue;
    const name = cursor.text(cursor.at, colon);
    cursor.at = colon + 1;
    reading.receivedBytes = cursor.number();
    reading.receivedPackets = cursor.number();
    reading.receiveErrors = cursor.number();
    reading.receiveDropped = cursor.number();
    for (let column = 0; column < 4; column += 1) cursor.skipWord();
    reading.sentBytes = cursor.number();
    reading.sentPackets = cursor.number();
    reading.sendErrors = cursor.number();
    reading.sendDropped = cursor.number();
    if (!Number.isNaN(reading.sendDropped)) onInterface(name, reading);
  }
}

function endOfLine(cursor: ByteCursor): number {
  const newline = cursor.bytes.indexOf(10, cursor.at);
  return newline < 0 || newline > cursor.end ? cursor.end : newline;
}

/** Loopback never leaves the machine, and the host's ends of container and VM cables repeat what a bridge counts. */
export function isInnerInterface(name: string): boolean {
  return /^(lo$|veth|cali|lxc|vnet)/.test(name);
}
