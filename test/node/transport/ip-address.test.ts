import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ipv6Bytes, ipv6Text, neighbourhoodOf, plainAddress } from '../../../src/node/transport/ip-address.ts';

describe('an IP address', () => {
  test('of version 6 is the same after it was bytes', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const text = ipv6Text(Buffer.from(ipv6Bytes(address)));
        expect(text).toBe(new URL(`http://[${address}]`).hostname.slice(1, -1));
      }),
    );
    expect(ipv6Bytes('2001:db8::5')).toEqual([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]);
    expect(ipv6Bytes('::')).toEqual(Array.from({ length: 16 }, () => 0));
  });

  test('of version 4 that came through an IPv6 socket is written as people do', () => {
    expect(plainAddress('::ffff:192.168.1.20')).toBe('192.168.1.20');
    expect(plainAddress('192.168.1.20')).toBe('192.168.1.20');
    expect(plainAddress('2001:db8::5')).toBe('2001:db8::5');
  });

  test('counts with all others that the same machine may come from, however it is written', () => {
    const same = ['2001:db8::5', '2001:db8:0:0:1::', '2001:db8:0:0:ffff:1:2:3', '2001:db8::1:0:0:5%eth0'];
    expect(new Set(same.map(neighbourhoodOf)).size).toBe(1);
    expect(neighbourhoodOf('2001:db8:0:1::5')).not.toBe(neighbourhoodOf('2001:db8::5'));
    expect(neighbourhoodOf('::ffff:10.0.0.1')).toBe(neighbourhoodOf('10.0.0.1'));
    expect(neighbourhoodOf('10.0.0.2')).not.toBe(neighbourhoodOf('10.0.0.1'));
  });
});
