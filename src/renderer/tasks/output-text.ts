/**
 * What a program wrote, made harmless to look at: plain text without colours, without letters that move the cursor or
 * turn the line round. Bytes that are no UTF-8 become `�`. Pure.
 */
import { unturned } from '../ui/unturned.ts';

const CSI = String.raw`\u001b\[[0-?]*[ -/]*[@-~]`;
/** Titles, links and other strings that end with BEL or ST; one that never ends stops at its line. */
const STRINGS = String.raw`\u001b[\]PX^_][^\u0007\u001b\n]*(?:\u0007|\u001b\\)?`;
const OTHERS = String.raw`\u001b[ -/]*[0-~]?`;
const ESCAPES = new RegExp(`${CSI}|${STRINGS}|${OTHERS}`, 'g');
/** What is left of C0, DEL and C1, but for tab and the end of a line. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

export function outputText(bytes: Uint8Array): string {
  const lines = decoder.decode(bytes).replace(ESCAPES, '').split('\n');
  return unturned(lines.map(lastWritten).join('\n').replace(CONTROLS, pictureOf));
}

/** What comes before the last carriage return of a line was written over: a progress bar shows its newest state. */
function lastWritten(line: string): string {
  let end = line.length;
  while (line[end - 1] === '\r') end -= 1;
  return line.slice(line.lastIndexOf('\r', end - 1) + 1, end);
}

/** Unicode's own pictures: ␀ … ␟, ␡; for C1 a picture of nothing known. */
function pictureOf(letter: string): string {
  const code = letter.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '␡' : '␦';
}
