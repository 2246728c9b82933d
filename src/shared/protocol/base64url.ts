/** Bytes as text: base64url without padding (RFC 4648, 5). Pure, because the engine runs on both sides of a link. */
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUES = new Map([...DIGITS].map((digit, value) => [digit, value]));

export function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  let pending = 0;
  let bits = 0;
  for (const byte of bytes) {
    pending = ((pending << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += DIGITS[(pending >> bits) & 63];
    }
  }
  return bits === 0 ? text : text + DIGITS[(pending << (6 - bits)) & 63];
}

/** Null for anything that `toBase64Url` cannot have made: one run of bytes has one text. */
export function fromBase64Url(text: string): Uint8Array | null {
  if (text.length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let at = 0;
  let pending = 0;
  let bits = 0;
  for (const digit of text) {
    const value = VALUES.get(digit);
    if (value === undefined) return null;
    pending = ((pending << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at] = (pending >> bits) & 0xff;
    at += 1;
  }
  const isRestZero = (pending & ((1 << bits) - 1)) === 0;
  return isRestZero ? bytes : null;
}
