/** Output on the screen: harmless text, whole letters, and a stretch that grows at both ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutputPiece } from '../../../src/core/tasks/view.ts';
import { MOST_SHOWN_BYTES, tailOf, textOf, withEarlier, withLater } from '../../../src/renderer/tasks/output-tail.ts';
import { outputText } from '../../../src/renderer/tasks/output-text.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('output as text', () => {
  it.for([
    ['colours', '\u001b[1;31mred\u001b[0m', 'red'],
    ['a title that the terminal would take', '\u001b]0;title\u0007after', 'after'],
    ['a link', '\u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['a string that never ends', '\u001b]0;title\nnext line', '\nnext line'],
    ['moves of the cursor', '\u001b[2J\u001b[Hhome', 'home'],
    ['letters that ring or erase', 'a\u0007b\u0008c\u0000', 'a␇b␈c␀'],
    ['letters that turn the line round', 'a\u202eb\u2066c', 'a⟨U+202E⟩b⟨U+2066⟩c'],
    ['a progress bar', '10 %\r50 %\r100 %\ndone\r\n', '100 %\ndone\n'],
    ['tabs and other languages', 'a\tb שלום 🧪', 'a\tb שלום 🧪'],
  ] as const)('makes harmless or keeps %s', ([, written, shown]) => {
    expect(outputText(bytes(written))).toBe(shown);
  });

  it('shows bytes that are no UTF-8 as �', () => {
    expect(outputText(Uint8Array.of(0x61, 0xff, 0xfe, 0x62))).toBe('a��b');
  });

  it('never keeps a control letter or an escape', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (written) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(outputText(written)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

/** What the app answers for bytes `from` to `to` of `all`. */
function piece(all: Uint8Array, from: number, to: number): OutputPiece {
  const data = btoa(String.fromCharCode(...all.subarray(from, to)));
  return { fromOffset: from, data, totalBytes: all.length, isComplete: to === all.length };
}

describe('a stretch of output', () => {
  it('is the same text however it came, forwards and backwards', () => {
    const lines = fc
      .array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 12 })
      // What a carriage return writes over depends on where the line begins.
      .map((parts) => bytes(parts.map((part) => part.replace(/\p{Cc}/gu, '')).join('\n')));
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), (all, cuts) => {
        const places = [...new Set([0, ...cuts.map((cut) => cut % (all.length + 1)), all.length])].sort(
          (a, b) => a - b,
        );
        const middle = Math.floor((places.length - 1) / 2);
        let tail = tailOf(piece(all, places[middle] ?? 0, places[middle + 1] ?? all.length));
        for (let at = middle + 1; at + 1 < places.length; at += 1) {
          tail = withLater(tail, piece(all, places[at] ?? 0, places[at + 1] ?? 0));
        }
        for (let at = middle - 1; at >= 0; at -= 1) {
          // The app answers as much as it likes from there: what is known already is left out.
          tail = withEarlier(tail, piece(all, places[at] ?? 0, all.length));
        }
        expect(textOf(tail)).toBe(outputText(all));
        expect([tail.fromOffset, tail.toOffset]).toEqual([0, all.length]);
      }),
    );
  });

  it('does not tear a letter where it is cut', () => {
    const all = bytes('first line\nsecond 🧪 line');
    const tail = tailOf(piece(all, 0, 20));
    expect(textOf(withLater(tail, piece(all, 20, all.length)))).toBe('first line\nsecond 🧪 line');
    expect(textOf(tailOf(piece(all, 20, all.length)))).toBe(' line');
  });

  it('begins anew where bytes between were dropped', () => {
    const all = bytes('0123456789\nabcdefghij\n');
    const tail = withLater(tailOf(piece(all, 0, 5)), piece(all, 11, all.length));
    expect(textOf(tail)).toBe('abcdefghij\n');
    expect(tail.fromOffset).toBe(11);
  });

  it('drops its oldest lines once there are too many to lay out', () => {
    const line = 'x'.repeat(63);
    const all = bytes(`${line}\n`.repeat(40_000));
    let tail = tailOf(piece(all, 0, 65_536));
    for (let from = 65_536; from < all.length; from += 65_536) {
      tail = withLater(tail, piece(all, from, Math.min(all.length, from + 65_536)));
    }
    expect(tail.toOffset).toBe(all.length);
    expect(tail.toOffset - tail.fromOffset).toBeLessThan(MOST_SHOWN_BYTES + 2 * 65_536);
    expect(textOf(tail).endsWith(`${line}\n`)).toBe(true);
  });

  it('cuts a line that never ends between two letters', () => {
    const all = bytes('é'.repeat(100_000));
    let tail = tailOf(piece(all, 0, 60_001));
    for (let from = 60_001; from < all.length; from += 60_001) {
      tail = withLater(tail, piece(all, from, Math.min(all.length, from + 60_001)));
    }
    expect(textOf(tail)).toBe('é'.repeat(100_000));
    expect(tail.blocks.length).toBeGreaterThan(0);
  });
});
