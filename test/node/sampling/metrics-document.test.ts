import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { METRICS } from '../../../src/core/metrics/catalogue.ts';
import { platformCollectors } from '../../../src/node/sampling/platform.ts';
import { systemClock } from '../../../src/node/system-clock.ts';

const text = readFileSync(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
const rows = [...text.matchAll(/^\| `([a-z0-9_.]+)` \| (\S+) \| ([^|]+) \|/gm)].map(([, name, unit, level]) => ({
  name,
  unit,
  level,
}));

describe('docs/metrics.md', () => {
  test('has a row for every metric with its unit, and none for anything else', () => {
    const documented = rows.filter(({ name }) => name!.includes('.'));
    expect(Object.fromEntries(documented.map(({ name, unit }) => [name, unit]))).toEqual(
      Object.fromEntries(Object.entries(METRICS).map(([name, { unit }]) => [name, unit])),
    );
    expect(documented).toHaveLength(Object.keys(METRICS).length);
  });

  test('names a level for every metric', () => {
    for (const { level } of rows.filter(({ name }) => name! in METRICS)) {
      expect(level).toMatch(/\b(basic|standard|detailed|intensive)\b/);
    }
  });

  test('names every collector that runs here', () => {
    const task = { role: 'sampler', procRoot: '/proc', sysRoot: '/sys', searchPath: '' } as const;
    const { collectors } = platformCollectors(task, systemClock, () => {});
    const section = text.slice(text.indexOf('## The collectors'));
    expect(collectors.map(({ name }) => name).filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });
});
