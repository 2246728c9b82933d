/** Fuzzy search, sparklines, grid keys, meter levels, remembered state, words for codes and trust. */
import { describe, expect, it } from 'vitest';
import { reachOptions } from '../../../src/renderer/add-worker/reach-options.ts';
import { remainingWords } from '../../../src/renderer/add-worker/remaining.ts';
import { backfillWords, clockWords, lostWords } from '../../../src/renderer/detail/trust-words.ts';
import { movedIndex } from '../../../src/renderer/fleet/grid-keys.ts';
import { sparklinePath } from '../../../src/renderer/fleet/sparkline-path.ts';
import { meterLevel } from '../../../src/renderer/fleet/worker-state.ts';
import { fuzzyScore } from '../../../src/renderer/palette/fuzzy.ts';
import { uiFrom } from '../../../src/renderer/state/ui.ts';

describe('fuzzy search', () => {
  it('wants every letter in order, in any word', () => {
    expect(fuzzyScore('r3', 'rig-03')).not.toBeNull();
    expect(fuzzyScore('3r', 'rig-03')).toBeNull();
    expect(fuzzyScore('light theme', 'Theme: light')).not.toBeNull();
  });

  it('prefers starts of words and letters that stand together', () => {
    const best = (query: string, ...texts: string[]) =>
      texts.sort((a, b) => (fuzzyScore(query, b) ?? -99) - (fuzzyScore(query, a) ?? -99))[0];
    expect(best('set', 'Close the rest', 'Settings')).toBe('Settings');
    expect(best('hb2', 'hil-bench-1', 'hil-bench-2', 'the lab 2')).toBe('hil-bench-2');
  });
});

describe('sparklines', () => {
  it('put the newest value at the right edge and break at missing seconds', () => {
    expect(sparklinePath([0.5, null, 1, 0])).toEqual({
      line: 'M56 50M58 0L59 100',
      area: 'M56 100L56 50L56 100L56 100ZM58 100L58 0L59 100L59 100L58 100Z',
    });
  });

  it('keep within the box and are empty without values', () => {
    expect(sparklinePath([])).toEqual({ line: '', area: '' });
    expect(sparklinePath([-1, 7]).line).toBe('M58 100L59 0');
  });
});

describe('arrow keys over a grid', () => {
  it('stay inside, and go down only where a tile is', () => {
    expect(movedIndex('ArrowLeft', 0, 3, 7)).toBe(0);
    expect(movedIndex('ArrowDown', 2, 3, 7)).toBe(5);
    expect(movedIndex('ArrowDown', 5, 3, 7)).toBe(5);
    expect(movedIndex('ArrowUp', 4, 3, 7)).toBe(1);
    expect(movedIndex('End', 1, 3, 7)).toBe(6);
    expect(movedIndex('x', 1, 3, 7)).toBeNull();
  });
});

describe('meters', () => {
  it('warn from 85 % and are critical from 95 %, as drawn', () => {
    expect([0.83, 0.88, 0.93, 0.96].map(meterLevel)).toEqual(['normal', 'warning', 'warning', 'critical']);
  });
});

describe('remembered state', () => {
  it('takes what is valid and the default for the rest', () => {
    const state = uiFrom({ view: 7, range: '24h', density: 'huge', pins: ['a', 1], processSort: { key: 'pid' } });
    expect(state).toMatchObject({ view: 'fleet', range: '24h', density: 'comfortable', pins: ['a'] });
    expect(state.processSort.key).toBe('cpuCores');
    expect(uiFrom({}).openWorkerId).toBeUndefined();
    expect(uiFrom({ openWorkerId: null }).openWorkerId).toBeNull();
  });
});

describe('words for codes and trust', () => {
  const plain = (text: string | null | undefined) => text?.replaceAll('\u00a0', ' ') ?? null;

  it('count down in minutes and seconds, and say 0:00 only when it is over', () => {
    expect([600_000, 581_000, 60_000, 59_001, 400, 0].map(remainingWords)).toEqual([
      '10:00',
      '9:41',
      '1:00',
      '1:00',
      '0:01',
      '0:00',
    ]);
  });

  it('tell which way a clock is off, by how much, and from where on that matters', () => {
    const words = (ms: number | null) => plain(clockWords(ms)?.text);
    expect([0.4, 12, -99, 1_500, -7_200_000, null].map(words)).toEqual([
      'less than 1 ms off',
      '12 ms ahead',
      '99 ms behind',
      '1.5 s ahead',
      '2 h behind',
      null,
    ]);
    expect([99.9, 100, -100, 99].map((ms) => clockWords(ms)?.isWarning)).toEqual([false, true, true, false]);
  });

  it('never call a rest nothing, and a whole by no number', () => {
    expect([1, 1_234, 999_999, 1_200_000].map((bytes) => plain(backfillWords(bytes, true)))).toEqual([
      'fetching 1 kB of history it kept while away',
      'fetching 2 kB of history it kept while away',
      'fetching 1000 kB of history it kept while away',
      'fetching 1.2 MB of history it kept while away',
    ]);
    expect(plain(backfillWords(5e6, false))).toBe('at least 5 MB of history still there, fetched when it is back');
    expect([backfillWords(0, true), lostWords(0)]).toEqual([null, null]);
    expect([1, 12_345].map((ticks) => plain(lostWords(ticks)))).toEqual([
      '1 tick of samples; its spool was full',
      '12 345 ticks of samples; its spool was full',
    ]);
  });

  it('offer each address once, and never lose the one that is set', () => {
    const addresses = (address: string) =>
      reachOptions({ address, interfaces: [{ name: 'eno1', address: '10.0.0.2' }] }).map((option) => option.address);
    expect(addresses('127.0.0.1')).toEqual(['127.0.0.1', '10.0.0.2', '0.0.0.0']);
    expect(addresses('127.0.0.9')).toEqual(['127.0.0.9', '10.0.0.2', '0.0.0.0']);
    expect(addresses('10.0.0.2')).toEqual(['127.0.0.1', '10.0.0.2', '0.0.0.0']);
    expect(addresses('10.9.9.9')).toEqual(['127.0.0.1', '10.0.0.2', '10.9.9.9', '0.0.0.0']);
  });
});
