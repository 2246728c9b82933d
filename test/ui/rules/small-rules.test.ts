/** Fuzzy search, sparklines, grid keys, meter levels, remembered state. */
import { describe, expect, it } from 'vitest';
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
