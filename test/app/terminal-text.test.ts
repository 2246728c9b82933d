import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, fitColumns, printable, renderLine } from '../../src/app/terminal-text.ts';

const colour = { columns: 80, hasColour: true, hasUnicode: true };
const plain = { columns: 80, hasColour: false, hasUnicode: true };

describe('text on a terminal', () => {
  it('lets nothing through that a terminal would obey', () => {
    const hostile = 'top\u001b[2J\u001b]0;owned\u0007\r\n\u009b31m\u202egnp.exe';
    expect(printable(hostile)).toBe('top?[2J?]0;owned????31m?gnp.exe');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
        expect(renderLine([[text, 'strong']], plain)).not.toMatch(/[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  it('never gets wider than the terminal, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 40 }), (texts, columns) => {
        const line = renderLine(
          texts.map((text) => [text] as const),
          { ...plain, columns },
        );
        expect(columnsOf(line)).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('counts wide characters as two columns and combining ones as none', () => {
    expect(columnsOf('計算')).toBe(4);
    expect(columnsOf('e\u0301')).toBe(1);
    expect(fitColumns('計算機', 5)).toBe('計算 ');
    expect(fitColumns('7 %', 6, 'right')).toBe('   7 %');
  });

  it('colours only where colour is wanted', () => {
    expect(renderLine([['online', 'ok']], colour)).toBe('\u001b[32monline\u001b[0m');
    expect(renderLine([['online', 'ok']], plain)).toBe('online');
  });

  it('spells everything in ASCII where the locale is not UTF-8', () => {
    expect(renderLine([['● 51\u00a0°C · ▁▄█ – ü']], { ...plain, hasUnicode: false })).toBe('* 51 C - .=# - ?');
  });
});
