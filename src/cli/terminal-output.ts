/**
 * What a program wrote, made harmless for a terminal while it comes in pieces: text and line ends stay, colours and
 * everything else that a terminal would obey goes.
 */
import { printable } from '../app/terminal-text.ts';

/** ECMA-48: control sequences; strings such as titles and links, up to BEL, ST or the end of the line; other escapes. */
const CSI = String.raw`\[[0-?]*[ -/]*`;
const STRING = String.raw`[\]PX^_][^\u0007\u001b\n]*`;
const OTHER = '[ -/]*';
const ESCAPES = new RegExp(String.raw`\u001b(?:${CSI}[@-~]|${STRING}(?:\u0007|\u001b\\)?|${OTHER}[0-~])`, 'g');
/** An escape at the end of a piece whose rest is still to come. */
const UNFINISHED = new RegExp(String.raw`\u001b(?:${CSI}|${STRING}\u001b?|${OTHER})$`);
/** What is longer was never meant to end. */
const LONGEST_ESCAPE = 4_096;

export interface TerminalOutput {
  /** What can be printed of everything that has come so far. */
  push(bytes: Uint8Array): string;
  /** The rest, where the output ends in the middle of something. */
  end(): string;
}

export function createTerminalOutput(): TerminalOutput {
  const decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
  let pending = '';

  function take(text: string, isLast: boolean): string {
    const whole = pending + text;
    // A carriage return may be the first half of a line's end.
    const kept = isLast ? '' : (UNFINISHED.exec(whole)?.[0] ?? (whole.endsWith('\r') ? '\r' : ''));
    pending = kept.length > LONGEST_ESCAPE ? '' : kept;
    return harmless(whole.slice(0, whole.length - pending.length));
  }
  return {
    push: (bytes) => take(decoder.decode(bytes, { stream: true }), false),
    end: () => take(decoder.decode(), true),
  };
}

/** A lone carriage return writes over its line; here it begins another. */
function harmless(text: string): string {
  const lines = text.replace(ESCAPES, '').split(/\r\n|\n|\r/);
  return lines.map((line) => line.split('\t').map(printable).join('\t')).join('\n');
}
