import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTerminalOutput } from '../../src/cli/terminal-output.ts';

function shown(...pieces: readonly (string | Uint8Array)[]): string {
  const output = createTerminalOutput();
  const bytes = pieces.map((piece) => (typeof piece === 'string' ? new TextEncoder().encode(piece) : piece));
  return bytes.map((piece) => output.push(piece)).join('') + output.end();
}

describe('the output of a program on a terminal', () => {
  test.each([
    ['plain\ttext\r\nof two lines\n', 'plain\ttext\nof two lines\n'],
    ['\u001b[1;32mgreen\u001b[0m', 'green'],
    ['\u001b]0;a title\u0007after', 'after'],
    ['\u001b]8;;https://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001b]52;c;never ends\nnext line', '\nnext line'],
    ['10 %\r50 %\r100 %\n', '10 %\n50 %\n100 %\n'],
    ['bell\u0007 back\u0008 turned\u202e', 'bell? back? turned?'],
    ['\u009b2J\u001b', '?2J?'],
    ['ä € 😀', 'ä € 😀'],
  ])('%j is shown as %j', (written, text) => expect(shown(written)).toBe(text));

  test('is text even where it is none', () => {
    expect(shown(Uint8Array.of(0xff, 0x41, 0xc3))).toBe('\ufffdA\ufffd');
  });

  test('is the same however it is cut into pieces, and never anything that a terminal obeys', () => {
    const parts = fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '31',
      'm',
      '\u0007',
      '\\',
      '\r',
      '\n',
      'a',
      'ä',
      '😀',
      ';',
      ' ',
      '\u009b',
      'P',
    );
    const written = fc.array(parts, { maxLength: 30 }).map((all) => new TextEncoder().encode(all.join('')));
    fc.assert(
      fc.property(written, fc.array(fc.nat(60), { maxLength: 5 }), (bytes, cuts) => {
        const places = [
          0,
          ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((one, other) => one - other),
          bytes.length,
        ];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        const whole = shown(bytes);
        expect(shown(...pieces)).toBe(whole);
        expect(whole.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 1_000 },
    );
  });

  test('does not wait for ever for the end of something that has none', () => {
    const output = createTerminalOutput();
    expect(output.push(new TextEncoder().encode(`\u001b]${'x'.repeat(10_000)}`))).toBe('');
    expect(output.push(new TextEncoder().encode('y\nnext'))).toBe('y\nnext');
  });
});
