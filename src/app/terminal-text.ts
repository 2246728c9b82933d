/**
 * Styled text that fits a terminal: cut by columns, not characters, and free of anything the terminal would obey.
 *
 * Names and command lines come from other programs: control characters in them become `?`, so that none can move the
 * cursor, set colours or reorder text (bidirectional overrides).
 */
export type Style = 'plain' | 'strong' | 'muted' | 'accent' | 'ok' | 'warning' | 'critical';
export type Segment = readonly [text: string, style?: Style];
export type StyledLine = readonly Segment[];

export interface TerminalLook {
  readonly columns: number;
  readonly hasColour: boolean;
  /** False where the locale is not UTF-8: everything is spelt in ASCII. */
  readonly hasUnicode: boolean;
}

/** SGR parameters (ECMA-48); the sixteen colours follow the person's own terminal theme. */
const SGR: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  muted: '2',
  accent: '36',
  ok: '32',
  warning: '33',
  critical: '31',
};

const ASCII: Readonly<Record<string, string>> = {
  '–': '-',
  '·': '-',
  '×': 'x',
  '…': '~',
  '°': '',
  '●': '*',
  '○': 'o',
  '▲': '!',
  '█': '#',
  '░': '.',
  '▁': '.',
  '▂': ':',
  '▃': '-',
  '▄': '=',
  '▅': '+',
  '▆': '*',
  '▇': '#',
};

/** The line as the terminal gets it, at most `columns` wide. */
export function renderLine(line: StyledLine, look: TerminalLook): string {
  let left = look.columns;
  let rendered = '';
  for (const [text, style = 'plain'] of line) {
    const fitting = takeColumns(spelt(text, look.hasUnicode), left);
    left -= columnsOf(fitting);
    if (fitting === '') continue;
    const sgr = look.hasColour ? SGR[style] : '';
    rendered += sgr === '' ? fitting : `\u001b[${sgr}m${fitting}\u001b[0m`;
    if (left <= 0) break;
  }
  return rendered;
}

/** `text` in exactly `columns` columns, cut or padded. */
export function fitColumns(text: string, columns: number, align: 'left' | 'right' = 'left'): string {
  const fitting = takeColumns(text, columns);
  const padding = ' '.repeat(Math.max(0, columns - columnsOf(fitting)));
  return align === 'left' ? fitting + padding : padding + fitting;
}

/** Without anything but visible characters and plain spaces. */
export function printable(text: string): string {
  return text.replaceAll('\u00a0', ' ').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
}

export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

function takeColumns(text: string, columns: number): string {
  let left = columns;
  let taken = '';
  for (const character of text) {
    left -= widthOf(character);
    if (left < 0) break;
    taken += character;
  }
  return taken;
}

/** 0 for marks that sit on the character before, 2 for East Asian wide characters and emoji (UAX 11), else 1. */
function widthOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x300) return 1;
  if (/\p{Mn}|\p{Me}/u.test(character)) return 0;
  const isWide =
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd);
  return isWide ? 2 : 1;
}

function spelt(text: string, hasUnicode: boolean): string {
  const safe = printable(text);
  return hasUnicode ? safe : safe.replace(/[^\x20-\x7e]/gu, (character) => ASCII[character] ?? '?');
}
