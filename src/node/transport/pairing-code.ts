/**
 * The code that a person carries from the coordinator to a new worker: whom to trust, where to find it, and the secret
 * that lets the worker in once.
 *
 * `LW1-` and, in base64url: fingerprint (32 bytes), secret (16), port (2), number of addresses (1), each address as its
 * kind (1) and its bytes, and the first four bytes of the SHA-256 of all before.
 */
import { createHash } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import { fail, ok, type Result } from '../../core/result.ts';
import { ipv6Bytes, ipv6Text } from './ip-address.ts';

const PREFIX = 'LW1-';
const FINGERPRINT_BYTES = 32;
const SECRET_BYTES = 16;
const CHECKSUM_BYTES = 4;
const MOST_ADDRESSES = 16;
const KIND = { name: 1, ipv4: 4, ipv6: 6 } as const;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i;
const CODE_AGAIN = 'Copy the whole code from `labwatch workers add`.';

export interface PairingCode {
  /** SHA-256 of the coordinator's public key. */
  readonly fingerprint: Uint8Array;
  /** 16 random bytes. */
  readonly secret: Uint8Array;
  readonly port: number;
  /** IP addresses and host names, best first; one at least, 16 at most. */
  readonly addresses: readonly string[];
}

/** Throws for parts that no code can hold: a bug of the caller. */
export function encodePairingCode({ fingerprint, secret, port, addresses }: PairingCode): string {
  if (fingerprint.length !== FINGERPRINT_BYTES) throw new Error('A fingerprint has 32 bytes.');
  if (secret.length !== SECRET_BYTES) throw new Error('The secret of a code has 16 bytes.');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error(`${port} is no port.`);
  if (addresses.length < 1 || addresses.length > MOST_ADDRESSES) throw new Error('A code holds 1 to 16 addresses.');
  const content = Buffer.from([
    ...fingerprint,
    ...secret,
    port >> 8,
    port & 0xff,
    addresses.length,
    ...addresses.flatMap(addressBytes),
  ]);
  return PREFIX + Buffer.concat([content, checksumOf(content)]).toString('base64url');
}

/** White space does not matter, so that a code broken over two lines is still one. `invalid-argument` else. */
export function parsePairingCode(text: string): Result<PairingCode> {
  const code = text.replaceAll(/\s+/g, '');
  if (/^LW([2-9]|\d\d+)-/.test(code)) {
    return fail('invalid-argument', 'This code comes from a newer Labwatch. Update Labwatch on this machine.');
  }
  if (!code.startsWith(PREFIX)) {
    return fail('invalid-argument', `This is not a pairing code; one begins with ${PREFIX}. ${CODE_AGAIN}`);
  }
  const body = code.slice(PREFIX.length);
  const bytes = Buffer.from(body, 'base64url');
  const content = bytes.subarray(0, -CHECKSUM_BYTES);
  const isWhole = bytes.toString('base64url') === body && bytes.subarray(-CHECKSUM_BYTES).equals(checksumOf(content));
  const parsed = isWhole ? partsOf(content) : null;
  if (parsed === null) return fail('invalid-argument', `This code is mistyped or not whole. ${CODE_AGAIN}`);
  return ok(parsed);
}

function checksumOf(content: Uint8Array): Buffer {
  return createHash('sha256').update(content).digest().subarray(0, CHECKSUM_BYTES);
}

function partsOf(content: Buffer): PairingCode | null {
  const portAt = FINGERPRINT_BYTES + SECRET_BYTES;
  if (content.length < portAt + 3) return null;
  const port = content.readUInt16BE(portAt);
  const count = content.readUInt8(portAt + 2);
  const addresses = addressesIn(content.subarray(portAt + 3));
  if (port === 0 || addresses === null || addresses.length !== count || count < 1 || count > MOST_ADDRESSES)
    return null;
  return {
    fingerprint: new Uint8Array(content.subarray(0, FINGERPRINT_BYTES)),
    secret: new Uint8Array(content.subarray(FINGERPRINT_BYTES, portAt)),
    port,
    addresses,
  };
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
