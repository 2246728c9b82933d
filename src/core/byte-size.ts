/** Sizes as people write them in plans and filters: `512MiB`, `24GiB`, `1.5GB`. */

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
};

/** Bytes, or null for what is no number with a unit. Letters of either case. */
export function parseByteSize(text: string): number | null {
  const match = /^(\d{1,15}(?:\.\d{1,15})?)\s*([kmgt]i?b|b)$/i.exec(text.trim());
  const unit = UNITS[match?.[2]?.toLowerCase() ?? ''];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
