/**
 * A full-screen view on a terminal that rewrites only lines that changed and gives the terminal back on every way out.
 *
 * Uses the alternate screen (xterm's private mode 1049), so that what was on the terminal before is there again after.
 */
import type { Disposable } from '../core/time.ts';
import { renderLine, type StyledLine, type TerminalLook } from './terminal-text.ts';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

export interface Screen extends Disposable {
  /** Shows the lines from the top; what does not fit is left out. */
  draw(lines: readonly StyledLine[]): void;
  look(): TerminalLook & { readonly rows: number };
  dispose(): void;
}

export interface ScreenOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly onKey: (key: string) => void;
  /** After the size changed and the screen was cleared. */
  readonly onResize: () => void;
}

export function openScreen({ stdin, stdout, env, onKey, onResize }: ScreenOptions): Screen {
  const hasKeys = stdin.isTTY === true;
  let shown: string[] = [];
  let isOpen = true;

  const onData = (chunk: Buffer) => {
    for (const key of chunk.toString('latin1')) onKey(key);
  };
  const resized = () => {
    shown = [];
    stdout.write('\u001b[2J');
    onResize();
  };
  const dispose = () => {
    if (!isOpen) return;
    isOpen = false;
    process.off('exit', dispose);
    stdout.off('resize', resized);
    stdout.write(LEAVE);
    if (!hasKeys) return;
    stdin.off('data', onData);
    stdin.setRawMode(false);
    stdin.pause();
  };

  stdout.write(ENTER);
  stdout.on('resize', resized);
  // Terminal writes are synchronous, so this reaches the terminal also when the process ends on an error.
  process.on('exit', dispose);
  if (hasKeys) {
    stdin.setRawMode(true);
    stdin.on('data', onData);
    // A terminal that was closed under us ends the run by SIGHUP; its read error says nothing new.
    stdin.on('error', () => undefined);
  }

  const look = () => ({
    columns: stdout.columns || 80,
    rows: stdout.rows || 24,
    hasColour: wantsColour(env),
    hasUnicode: hasUtf8Locale(env),
  });
  return {
    look,
    dispose,
    draw(lines) {
      if (!isOpen) return;
      const { rows, ...style } = look();
      let changes = '';
      for (let row = 0; row < rows; row += 1) {
        const text = renderLine(lines[row] ?? [], style);
        if (text === shown[row]) continue;
        if (text !== '' || shown[row] !== undefined) changes += `\u001b[${row + 1};1H${text}\u001b[K`;
        shown[row] = text;
      }
      if (changes !== '') stdout.write(changes);
    },
  };
}

/** NO_COLOR as at no-color.org: any value but the empty one. */
function wantsColour(env: Readonly<Record<string, string | undefined>>): boolean {
  return !env.NO_COLOR && env.TERM !== 'dumb';
}

/** The locale's character set as setlocale(3) finds it: LC_ALL, else LC_CTYPE, else LANG. */
function hasUtf8Locale(env: Readonly<Record<string, string | undefined>>): boolean {
  if (process.platform !== 'linux') return true;
  return /utf-?8/i.test(env.LC_ALL || env.LC_CTYPE || env.LANG || '');
}
