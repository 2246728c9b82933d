/** Where a worker waits to be dialled: the other way round from workers that dial. */

export interface DialPlace {
  /** IP addresses and host names, best first; one at least. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** The best address with the port, as people write it: `rig-07.lab:7462`, `[fe80::1]:7462`. */
export function dialPlaceText({ addresses: [address = ''], port }: DialPlace): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address that answered last is tried first the next time. */
export function withBestAddress({ addresses, port }: DialPlace, best: string): DialPlace {
  return { addresses: [best, ...addresses.filter((address) => address !== best)], port };
}
