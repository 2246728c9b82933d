/** IP addresses as bytes and as text. */

/** An IPv4 address that came in through an IPv6 socket, as people write it. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** The 16 bytes of an address that is valid and has no zone. */
export function ipv6Bytes(address: string): readonly number[] {
  // The URL parser writes an IPv4 tail as two groups, so that only groups and one `::` are left.
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]);
}

/** Shortened as RFC 5952 says, by the URL parser. */
export function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** What one machine has all of: its IPv4 address, or the /64 of IPv6 addresses that it may come from (RFC 6177). */
export function neighbourhoodOf(peerAddress: string): string {
  const address = plainAddress(peerAddress.replace(/%.*$/, ''));
  return address.includes(':') ? Buffer.from(ipv6Bytes(address)).toString('hex', 0, 8) : address;
}

function groupsOf(half: string): readonly number[] {
  return half === '' ? [] : half.split(':').map((group) => Number.parseInt(group, 16));
}
