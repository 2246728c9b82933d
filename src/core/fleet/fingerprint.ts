/** A key's fingerprint as people compare it: hex in groups of four. */
export function fingerprintText(sha256: Uint8Array): string {
  const hex = Array.from(sha256, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.match(/.{1,4}/g)?.join(' ') ?? '';
}
