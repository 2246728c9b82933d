// One readable page of a test run: self-contained, nothing loaded, everything from outside escaped.
import { stripColours } from '../terminal/colours.ts';
import { closingLine, type Suite, type TestCase, tally } from './outcome.ts';

/** The page; `madeAt` is the time it names. Suites with failures come first and open. */
export function renderHtmlReport(suites: readonly Suite[], madeAt: Date): string {
  const counts = tally(suites);
  const failing = (suite: Suite) => suite.cases.some(({ state }) => state === 'failed');
  const ordered = [...suites.filter(failing), ...suites.filter((suite) => !failing(suite))];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Labwatch tests: ${closingLine(counts)}</title>
<style>${style}</style>
</head>
<body>
<h1>Labwatch tests</h1>
<p class="sum ${counts.failed > 0 ? 'failed' : 'passed'}">${closingLine(counts)}</p>
<p>${counts.skipped} skipped · ${seconds(totalMs(suites.flatMap(({ cases }) => cases)))} of test time · ${escapeHtml(madeAt.toISOString())}</p>
${ordered.map(renderSuite).join('\n')}
</body>
</html>
`;
}

/** Text as it stands, whatever it holds: no markup comes through. */
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (found) => entities[found] ?? found);
}

function renderSuite(suite: Suite): string {
  const counts = tally([suite]);
  const words = `${closingLine(counts)}${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`;
  return `<details${counts.failed > 0 ? ' open' : ''}>
<summary><b>${escapeHtml(suite.name)}</b> <span>${words} · ${seconds(totalMs(suite.cases))}</span></summary>
<table>
${suite.cases.map(renderCase).join('\n')}
</table>
</details>`;
}

function renderCase(one: TestCase): string {
  const marks = { passed: '✓', failed: '✗', skipped: '–' };
  const why = one.why === undefined ? '' : `<pre>${escapeHtml(stripColours(one.why))}</pre>`;
  return (
    `<tr class="${one.state}"><td>${marks[one.state]}</td><td>${escapeHtml(one.name)}${why}</td>` +
    `<td>${seconds(one.durationMs)}</td></tr>`
  );
}

function totalMs(cases: readonly TestCase[]): number {
  return cases.reduce((sum, { durationMs }) => sum + durationMs, 0);
}

function seconds(durationMs: number): string {
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : `${(durationMs / 1000).toFixed(1)} s`;
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
.sum { font-size: 1.2rem; font-weight: 600; }
.passed > td:first-child, .sum.passed { color: light-dark(#18794e, #4cc38a); }
.failed > td:first-child, .sum.failed { color: light-dark(#cd2b31, #ff8589); }
details { border-top: 1px solid light-dark(#ddd, #333); padding: .4rem 0; }
summary { cursor: pointer; }
summary span { opacity: .7; }
table { width: 100%; border-collapse: collapse; }
td { vertical-align: top; padding: .15rem .5rem; }
td:last-child { text-align: right; white-space: nowrap; opacity: .7; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: light-dark(#f4f4f4, #1c1c1c); padding: .6rem; }
`;
