import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  firewallHint,
  networkInterfaces,
  type Place,
  reachableAddresses,
} from '../../../src/node/transport/addresses.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const lab: Place = {
  hostName: 'desk',
  interfaces: [
    { name: 'eth0', address: '192.168.1.5' },
    { name: 'wlan0', address: '10.1.0.7' },
    { name: 'eth0', address: '2001:db8::5' },
    { name: 'docker0', address: '172.17.0.1' },
  ],
};

describe('where agents reach this machine', () => {
  test('is the loopback address itself where only this machine may come in', () => {
    expect(reachableAddresses('127.0.0.1', lab)).toEqual(['127.0.0.1']);
    expect(reachableAddresses('::1', lab)).toEqual(['::1']);
  });

  test('is every IPv4 address and the name for 0.0.0.0, with bridges of containers last', () => {
    expect(reachableAddresses('0.0.0.0', lab)).toEqual(['192.168.1.5', '10.1.0.7', 'desk', '172.17.0.1']);
  });

  test('has the IPv6 addresses too for ::', () => {
    expect(reachableAddresses('::', lab)).toEqual(['192.168.1.5', '10.1.0.7', '2001:db8::5', 'desk', '172.17.0.1']);
  });

  test('is the one address that is listened on, and the name, which may lead to a later one', () => {
    expect(reachableAddresses('10.1.0.7', lab)).toEqual(['10.1.0.7', 'desk']);
    expect(reachableAddresses('2001:db8::5', lab)).toEqual(['2001:db8::5', 'desk']);
  });

  test('leaves out names that lead nowhere or are none', () => {
    for (const hostName of ['localhost', 'localhost.localdomain', '', "Ada's desk", 'ü', '-x']) {
      expect(reachableAddresses('10.1.0.7', { ...lab, hostName })).toEqual(['10.1.0.7']);
    }
  });

  test('is never empty, and never more than a code holds', () => {
    expect(reachableAddresses('0.0.0.0', { hostName: 'localhost', interfaces: [] })).toEqual(['127.0.0.1']);
    const many = Array.from({ length: 40 }, (_, index) => ({ name: `eth${index}`, address: `10.0.0.${index + 1}` }));
    expect(reachableAddresses('0.0.0.0', { hostName: 'desk', interfaces: many })).toHaveLength(8);
  });

  test.runIf(process.platform === 'linux')('is what ip says of this machine', () => {
    const listed = JSON.parse(execFileSync('ip', ['-j', 'address'], { encoding: 'utf8' })) as readonly {
      readonly ifname: string;
      readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
    }[];
    const expected = listed.flatMap(({ ifname, addr_info }) =>
      addr_info.filter(({ scope }) => scope === 'global').map(({ local }) => `${ifname} ${local}`),
    );
    expect(
      networkInterfaces()
        .map(({ name, address }) => `${name} ${address}`)
        .sort(),
    ).toEqual(expected.sort());
  });
});

describe('the firewall', () => {
  test('is opened by ufw where it is on', () => {
    const root = tempFolder();
    mkdirSync(join(root, 'etc/ufw'), { recursive: true });
    writeFileSync(join(root, 'etc/ufw/ufw.conf'), '# comment\nENABLED=yes\nLOGLEVEL=low\n');
    expect(firewallHint(7_461, root)).toBe('sudo ufw allow 7461/tcp');
    writeFileSync(join(root, 'etc/ufw/ufw.conf'), '# ENABLED=yes\nENABLED=no\n');
    expect(firewallHint(7_461, root)).toBeNull();
  });

  test('is opened by firewall-cmd where firewalld runs', () => {
    const root = tempFolder();
    mkdirSync(join(root, 'run/systemd/units'), { recursive: true });
    symlinkSync('0123456789abcdef', join(root, 'run/systemd/units/invocation:firewalld.service'));
    expect(firewallHint(7_000, root)).toBe(
      'sudo firewall-cmd --add-port=7000/tcp && sudo firewall-cmd --permanent --add-port=7000/tcp',
    );
  });

  test('is not spoken of where none is known to be on', () => {
    expect(firewallHint(7_461, tempFolder())).toBeNull();
  });
});
