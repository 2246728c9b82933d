import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  changeLabels,
  type Labels,
  labelTexts,
  MOST_LABELS,
  parseLabelChange,
} from '../../../src/core/fleet/labels.ts';
import { parsePrice } from '../../../src/core/fleet/price.ts';

function changed(labels: Labels, ...texts: readonly string[]) {
  return changeLabels(
    labels,
    texts.map((text) => {
      const change = parseLabelChange(text);
      if (!change.ok) throw new Error(change.error.message);
      return change.value;
    }),
  );
}

describe('labels', () => {
  test('are set by key=value, replaced, and removed by key-', () => {
    expect(changed({ rack: 'a', old: 'yes' }, 'zone=2', 'rack=b', 'old-', 'never-')).toEqual({
      ok: true,
      value: { rack: 'b', zone: '2' },
    });
    expect(labelTexts({ rack: 'b', zone: '2' })).toEqual(['rack=b', 'zone=2']);
  });

  test('may hold signs and every script in their value', () => {
    expect(changed({}, 'owner/team=Größe = 2 – 研究 🧪 ')).toMatchObject({
      value: { 'owner/team': 'Größe = 2 – 研究 🧪' },
    });
  });

  test.each([
    ['rack', /Write key=value to set one, or key- to remove it\./],
    ['=b', /A label’s key has 1 to 64 small letters, digits/],
    ['Rack=b', /small letters/],
    ['-=b', /small letters/],
    ['__proto__=b', /small letters/],
    ['rack=', /The label rack needs a value, as in rack=yes\./],
    ['rack=  ', /needs a value/],
    ['rack=a\nb', /one line of at most 64 characters/],
    ['rack=\u202eb', /without control characters/],
    [`rack=${'x'.repeat(65)}`, /at most 64 characters/],
    [`${'x'.repeat(65)}=b`, /1 to 64/],
  ])('that cannot be (%j) are refused with the rule', (text, sentence) => {
    const change = parseLabelChange(text);
    expect(!change.ok && change.error.message).toMatch(sentence);
    expect(change).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  });

  test('are a bounded number, and all changes hold or none', () => {
    const many = Array.from({ length: MOST_LABELS }, (_, index) => `l${index}=x`);
    const full = changed({}, ...many);
    expect(full.ok).toBe(true);
    const labels = full.ok ? full.value : {};
    expect(changed(labels, 'one-more=x')).toMatchObject({ error: { message: /at most 32 labels/ } });
    expect(changed(labels, 'one-more=x', 'l0-').ok).toBe(true);
    expect(
      changeLabels({}, [
        { key: 'a', value: 'b' },
        { key: 'BAD', value: 'b' },
      ]).ok,
    ).toBe(false);
  });

  test('named like parts of every object are labels like any other', () => {
    expect(changed({}, 'constructor=x', 'tostring=y')).toEqual({
      ok: true,
      value: { constructor: 'x', tostring: 'y' },
    });
  });

  test('come back as they were written, in the order of their keys', () => {
    const key = fc.stringMatching(/^[a-z0-9]([a-z0-9._/-]{0,8}[a-z0-9])?$/);
    const value = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .map((text) =>
        text
          .normalize('NFC')
          .replaceAll(/[\u2028\u2029]/g, '')
          .trim(),
      )
      .filter((text) => text !== '');
    fc.assert(
      fc.property(fc.dictionary(key, value, { maxKeys: MOST_LABELS }), (labels) => {
        const result = changed({}, ...Object.entries(labels).map(([name, text]) => `${name}=${text}`));
        expect(result).toEqual({ ok: true, value: labels });
        const keys = result.ok ? labelTexts(result.value).map((text) => text.slice(0, text.indexOf('='))) : [];
        expect([...keys].sort()).toEqual(Object.keys(labels).sort());
      }),
    );
  });
});

describe('a price per hour', () => {
  test.each([
    ['0.35', 0.35],
    ['0', 0],
    [' 12 ', 12],
    ['none', null],
  ])('%j is %s', (text, price) => {
    expect(parsePrice(text)).toEqual({ ok: true, value: price });
  });

  test.each(['', '-1', '0,35', '1e3', 'cheap', 'NaN', '1000001', '0x10', '.5'])('%j is refused', (text) => {
    expect(parsePrice(text)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/^A price per hour is/) },
    });
  });
});
