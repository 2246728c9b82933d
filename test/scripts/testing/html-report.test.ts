import { describe, expect, test } from 'vitest';
import { renderHtmlReport } from '../../../scripts/testing/html-report.ts';
import type { Suite } from '../../../scripts/testing/outcome.ts';

const hostile = `<img src=x onerror="alert('1')">&`;
const suites: readonly Suite[] = [
  { name: 'test/good.test.ts', cases: [{ name: 'adds up', state: 'passed', durationMs: 12.4 }] },
  {
    name: `test/${hostile}.test.ts`,
    cases: [
      {
        name: `breaks ${hostile}`,
        state: 'failed',
        durationMs: 1500,
        why: `expected ${hostile}\u001b[31m red\u001b[39m`,
      },
      { name: 'waits', state: 'skipped', durationMs: 0 },
    ],
  },
];
const page = renderHtmlReport(suites, new Date('2026-01-02T03:04:05Z'));

describe('the report of a test run', () => {
  test('lists every test with its time, and why a failed one failed', () => {
    expect(page).toContain('adds up');
    expect(page).toContain('12 ms');
    expect(page).toContain('1.5 s');
    expect(page).toContain('expected &lt;img');
    expect(page).toContain('1 passed, 1 failed');
    expect(page).toContain('1 skipped');
  });

  test('escapes whatever names and messages hold', () => {
    expect(page).not.toContain('<img');
    expect(page).not.toContain(String.fromCharCode(27));
    expect(page).toContain('&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;');
  });

  test('shows failures first and opened', () => {
    expect(page.indexOf('breaks')).toBeLessThan(page.indexOf('adds up'));
    expect(page.match(/<details open>/g)).toHaveLength(1);
  });

  test('loads nothing from anywhere', () => {
    expect(page).not.toMatch(/\b(?:src|href)=(?!x )|@import|url\(|<script/);
    expect(page).toContain("default-src 'none'");
  });
});
