/**
 * What codes that people carry are made of: bytes in base64url behind a prefix, the last four of them the beginning of the
 * SHA-256 of all before, so that a mistyped code is noticed at once.
 */
import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { ipv6Bytes, ipv6Text } from './ip-address.ts';

const CHECKSUM_BYTES = 4;
const MOST_ADDRESSES = 16;
const KIND = { name: 1, ipv4: 4, ipv6: 6 } as const;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i;

/** Where the other side is to be found. */
export interface CodePlace {
  readonly port: number;
  /** IP addresses and host names, best first; one at least, 16 at most. */
  readonly addresses: readonly string[];
}

export function sealed(prefix: string, content: Uint8Array): string {
  return prefix + Buffer.concat([content, checksumOf(content)]).toString('base64url');
}

/** Null for a text that is mistyped or not whole; `text` begins with the prefix. */
export function unsealed(prefix: string, text: string): Buffer | null {
  const body = text.slice(prefix.length);
  const bytes = Buffer.from(body, 'base64url');
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const isWhole = bytes.toString('base64url') === body && bytes.subarray(-CHECKSUM_BYTES).equals(checksumOf(content));
  return isWhole ? content : null;
}

/** Port (2 bytes), number of addresses (1), each as its kind (1) and its bytes. Throws for what no code can hold: a bug. */
export function placeBytes({ port, addresses }: CodePlace): readonly number[] {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${port} is no port.`);
  if (addresses.length < 1 || addresses.length > MOST_ADDRESSES) throw new Error('A code holds 1 to 16 addresses.');
  return [port >> 8, port & 0xff, addresses.length, ...addresses.flatMap(addressBytes)];
}

/** Null where the bytes are not a place up to their very end. */
export function placeIn(bytes: Buffer): CodePlace | null {
  if (bytes.length < 3) return null;
  const port = bytes.readUInt16BE(0);
  const count = bytes.readUInt8(2);
  const addresses = addressesIn(bytes.subarray(3));
  if (port === 0 || addresses === null || addresses.length !== count || count < 1 || count > MOST_ADDRESSES)
    return null;
  return { port, addresses };
}

function checksumOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES);
}

function addressBytes(address: string): readonly number[] {
  if (isIPv4(address)) return [KIND.ipv4, ...address.split('.').map(Number)];
  if (isIPv6(address) && !address.includes('%')) return [KIND.ipv6, ...ipv6Bytes(address)];
  if (!HOST_NAME.test(address)) throw new Error(`${address} is neither an address nor a host name.`);
  return [KIND.name, address.length, ...Buffer.from(address, 'ascii')];
}

/** Null where the bytes are not addresses up to their very end. */
function addressesIn(bytes: Buffer): readonly string[] | null {
  const addresses: string[] = [];
  let at = 0;
  while (at < bytes.length) {
    const kind = bytes[at];
    const isName = kind === KIND.name;
    const from = at + (isName ? 2 : 1);
    const length = isName ? (bytes[at + 1] ?? 0) : kind === KIND.ipv4 ? 4 : kind === KIND.ipv6 ? 16 : 0;
    const address = bytes.subarray(from, from + length);
    if (length === 0 || address.length < length) return null;
    const text = isName ? address.toString('latin1') : length === 4 ? address.join('.') : ipv6Text(address);
    if (isName && !HOST_NAME.test(text)) return null;
    addresses.push(text);
    at = from + length;
  }
  return addresses;
}
