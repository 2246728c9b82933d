/** A typed command becomes the words that a shell would make of it, and back. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joinWords, splitWords } from '../../../src/core/tasks/shell-words.ts';

describe('a command line', () => {
  it.for([
    ['pytest  -q\ttests/unit ', ['pytest', '-q', 'tests/unit']],
    [`echo 'a b' "c d" e\\ f`, ['echo', 'a b', 'c d', 'e f']],
    [`x ''`, ['x', '']],
    [`say "it's" 'a "b"'`, ['say', "it's", 'a "b"']],
    [`"\\"q\\" \\$HOME \\n"`, ['"q" $HOME \\n']],
    ['a*b $HOME | c', ['a*b', '$HOME', '|', 'c']],
    ['', []],
  ] as const)('%s is split at blanks, with quotes honoured', ([line, words]) => {
    expect(splitWords(line)).toEqual({ ok: true, value: words });
  });

  it.for([`echo 'open`, `echo "open`])('with a quote that is not closed is refused with a sentence: %s', (line) => {
    expect(splitWords(line)).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  it('of any words is read back as these words', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (words) => {
        expect(splitWords(joinWords(words))).toEqual({ ok: true, value: words });
      }),
    );
  });
});
