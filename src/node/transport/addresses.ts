/** Where this machine can be reached: its interfaces, its name, and what its firewall may have against it. */
import { lstatSync, readFileSync } from 'node:fs';
import * as os from 'node:os';
import { join } from 'node:path';
import { isLoopback, type NetworkInterface } from '../../core/fleet/listener.ts';

/** Bridges and pairs of containers and virtual machines: other machines seldom get through them. */
const VIRTUAL = /^(docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|cali|podman|nerdctl)/;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/i;
/** A pairing code and an agent that tries each have to end somewhere. */
const MOST_ADDRESSES = 8;

export interface Place {
  readonly hostName: string;
  readonly interfaces: readonly NetworkInterface[];
}

/**
 * Every address of this machine that agents could come in by, the likeliest first. Left out: loopback, and IPv6
 * link-local addresses, which mean nothing without the interface of the other side.
 */
export function networkInterfaces(): readonly NetworkInterface[] {
  const found = Object.entries(os.networkInterfaces()).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !isLoopback(address) && !/^fe[89ab]/i.test(address))
      .map(({ address }) => ({ name, address })),
  );
  return found.sort((a, b) => rank(a) - rank(b));
}

/**
 * What to give an agent that shall reach a listener on `listenAddress`, best first: addresses, then the host name, which
 * stays when a laptop gets a new address, then those that seldom work.
 */
export function reachableAddresses(listenAddress: string, place: Place = thisMachine()): readonly string[] {
  if (isLoopback(listenAddress)) return [listenAddress];
  const isAny = listenAddress === '0.0.0.0' || listenAddress === '::';
  const fitting = place.interfaces.filter(
    ({ address }) => address === listenAddress || listenAddress === '::' || (isAny && !isIpv6(address)),
  );
  const [likely, seldom] = [fitting.filter((one) => !isVirtual(one)), fitting.filter(isVirtual)];
  const names = isUsefulName(place.hostName) ? [place.hostName] : [];
  const own = isAny ? [] : [listenAddress];
  const all = [...own, ...likely.map(addressOf), ...names, ...seldom.map(addressOf)];
  const distinct = [...new Set(all)].slice(0, MOST_ADDRESSES);
  return distinct.length > 0 ? distinct : ['127.0.0.1'];
}

/** By which this very machine reaches a listener on `listenAddress`. */
export function ownAddress(listenAddress: string): string {
  if (listenAddress === '0.0.0.0') return '127.0.0.1';
  return listenAddress === '::' ? '::1' : listenAddress;
}

/** The command that lets the port through this machine's firewall, where one is known to be on; else null. */
export function firewallHint(port: number, root = '/'): string | null {
  if (isUfwOn(root)) return `sudo ufw allow ${port}/tcp`;
  if (!isFirewalldOn(root)) return null;
  return `sudo firewall-cmd --add-port=${port}/tcp && sudo firewall-cmd --permanent --add-port=${port}/tcp`;
}

function isUfwOn(root: string): boolean {
  try {
    return /^\s*ENABLED\s*=\s*["']?yes\b/im.test(readFileSync(join(root, 'etc/ufw/ufw.conf'), 'utf8'));
  } catch {
    return false;
  }
}

/** systemd keeps a link for each unit that runs; its target is an id, no file. */
function isFirewalldOn(root: string): boolean {
  try {
    lstatSync(join(root, 'run/systemd/units/invocation:firewalld.service'));
    return true;
  } catch {
    return false;
  }
}

function thisMachine(): Place {
  return { hostName: os.hostname(), interfaces: networkInterfaces() };
}

function isUsefulName(hostName: string): boolean {
  return HOST_NAME.test(hostName) && !/^localhost(\.|$)/i.test(hostName);
}

function rank(one: NetworkInterface): number {
  return (isVirtual(one) ? 2 : 0) + (isIpv6(one.address) ? 1 : 0);
}

function isVirtual({ name }: NetworkInterface): boolean {
  return VIRTUAL.test(name);
}

function isIpv6(address: string): boolean {
  return address.includes(':');
}

function addressOf({ address }: NetworkInterface): string {
  return address;
}
