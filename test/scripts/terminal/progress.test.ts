import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startProgress } from '../../../scripts/terminal/progress.ts';

const mebibyte = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** A stream that keeps what is written to it, on a terminal or not. */
function output(isTTY: boolean) {
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 100, rows: 30 });
  const text = () => String(stream.read() ?? '');
  return { stream: stream as unknown as NodeJS.WriteStream, text };
}

describe('progress', () => {
  test('nothing for a step that ends within a second', () => {
    for (const isTTY of [true, false]) {
      const { stream, text } = output(isTTY);
      const progress = startProgress('Downloading', 100 * mebibyte, stream);
      progress.at(50 * mebibyte);
      vi.advanceTimersByTime(900);
      progress.at(90 * mebibyte);
      progress.done();
      expect(text()).toBe('');
    }
  });

  test('a bar on a terminal, once a second has passed', () => {
    const { stream, text } = output(true);
    const progress = startProgress('Downloading', 100 * mebibyte, stream);
    vi.advanceTimersByTime(1100);
    progress.at(50 * mebibyte);
    vi.advanceTimersByTime(1000);
    progress.at(75 * mebibyte);
    vi.advanceTimersByTime(1000);
    progress.done();
    const shown = text();
    expect(shown).toContain('Downloading [');
    expect(shown).toContain('50 %  50/100 MiB');
    expect(shown).toContain('75 %  75/100 MiB');
  });

  test('plain lines elsewhere, once a second has passed', () => {
    const { stream, text } = output(false);
    const progress = startProgress('Downloading', 100 * mebibyte, stream);
    vi.advanceTimersByTime(1100);
    progress.at(50 * mebibyte);
    vi.advanceTimersByTime(1000);
    progress.at(60 * mebibyte);
    vi.advanceTimersByTime(4500);
    progress.at(75 * mebibyte);
    progress.done();
    expect(text().split('\n')).toEqual([
      'Downloading: 50 of 100 MiB',
      'Downloading: 75 of 100 MiB',
      'Downloading: done in 7 s',
      '',
    ]);
  });
});
