/** Places on the PCI bus, which every program writes in its own way. */

/** As sysfs writes it (`0000:3b:00.0`), from `00000000:3B:00.0` or `3b:00.0` too; null where it is no bus address. */
export function pciAddress(text: string): string | null {
  const match = /^(?:(?:0000)?([0-9a-f]{4}):)?([0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f])$/i.exec(text.trim());
  return match === null ? null : `${match[1] ?? '0000'}:${match[2]}`.toLowerCase();
}
