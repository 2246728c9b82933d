/**
 * Where a text stops being JSON. Engines tell that in words of their own, and for some texts not at all; so a text that
 * `JSON.parse` refuses is read once more here (RFC 8259), iteratively, whatever its depth.
 */
export interface JsonFault {
  /** In UTF-16 units; the length of the text where its end came too early. */
  readonly at: number;
  /** Completes the sentence “… expected”. */
  readonly expected: string;
}

type State = keyof typeof EXPECTED;

const EXPECTED = {
  value: 'a value',
  'first-item': 'a value or ]',
  name: 'a name in double quotes',
  'first-name': 'a name in double quotes or }',
  colon: 'a colon',
  'after-item': 'a comma or ]',
  'after-field': 'a comma or }',
  end: 'nothing more',
} as const;

const SPACE = /[ \t\n\r]*/y;
const WORD = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;

/** Null for every text that `JSON.parse` takes. */
export function findJsonFault(text: string): JsonFault | null {
  const holders: ('{' | '[')[] = [];
  let state: State = 'value';
  let at = lengthAt(SPACE, text, 0);
  const afterValue = (): State => {
    const holder = holders.at(-1);
    return holder === undefined ? 'end' : holder === '{' ? 'after-field' : 'after-item';
  };

  while (at < text.length || state !== 'end') {
    const next = text.charAt(at);
    const wasAt = at;
    at += 1;
    if (isValueDue(state) && (next === '{' || next === '[')) {
      holders.push(next);
      state = next === '{' ? 'first-name' : 'first-item';
    } else if (isEndDue(state, next)) {
      holders.pop();
      state = afterValue();
    } else if (state === 'after-item' && next === ',') state = 'value';
    else if (state === 'after-field' && next === ',') state = 'name';
    else if (state === 'colon' && next === ':') state = 'value';
    else if (next === '"' && (isValueDue(state) || isNameDue(state))) {
      const end = endOfText(text, wasAt);
      if (typeof end !== 'number') return end;
      at = end;
      state = isNameDue(state) ? 'colon' : afterValue();
    } else {
      const length = isValueDue(state) ? lengthAt(WORD, text, wasAt) : 0;
      if (length === 0) return { at: wasAt, expected: EXPECTED[state] };
      at = wasAt + length;
      state = afterValue();
    }
    at += lengthAt(SPACE, text, at);
  }
  return null;
}

/** Counted from 1, in characters. */
export function lineAndColumn(text: string, at: number): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}

function isValueDue(state: State): boolean {
  return state === 'value' || state === 'first-item';
}

function isNameDue(state: State): boolean {
  return state === 'name' || state === 'first-name';
}

function isEndDue(state: State, next: string): boolean {
  return next === ']'
    ? state === 'first-item' || state === 'after-item'
    : next === '}' && (state === 'first-name' || state === 'after-field');
}

/** Behind the closing quote, or what is wrong in between. `start`: the opening one. */
function endOfText(text: string, start: number): number | JsonFault {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code < FIRST_PRINTABLE) return { at, expected: 'the " that ends the text, or an escape such as \\n' };
    if (code !== BACKSLASH) continue;
    const length = lengthAt(ESCAPE, text, at);
    if (length === 0) return { at, expected: 'an escape such as \\n, \\" or \\\\' };
    at += length - 1;
  }
  return { at: text.length, expected: 'the " that ends the text' };
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PRINTABLE = 0x20;

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
