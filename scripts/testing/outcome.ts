// What a test run came to: suites of cases, whatever ran them.
import { stripColours } from '../terminal/colours.ts';

export type CaseState = 'passed' | 'failed' | 'skipped';

export type TestCase = {
  readonly name: string;
  readonly state: CaseState;
  readonly durationMs: number;
  /** Where it failed: why, in the runner's words; where it was skipped: the reason, if one was given. */
  readonly why?: string;
};

export type Suite = {
  /** What a person looks for: `checks`, or a test file's path. */
  readonly name: string;
  readonly cases: readonly TestCase[];
};

export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number };

/** Counts the cases of all suites. */
export function tally(suites: readonly Suite[]): Tally {
  const count = (state: CaseState) =>
    suites.reduce((sum, suite) => sum + suite.cases.filter((one) => one.state === state).length, 0);
  return { passed: count('passed'), failed: count('failed'), skipped: count('skipped') };
}

/** The last line of every run; other tools read it. */
export function closingLine({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

const WHY_MAX_LINES = 6;

/** What the end of a run says of a failure: where, and the first lines of why, for those who see only a log's end. */
export function failureLines(suite: string, { name, why = '' }: TestCase): string {
  const lines = stripColours(why)
    .split('\n')
    .filter((line) => line.trim() !== '' && !/node_modules|\(node:/.test(line))
    .slice(0, WHY_MAX_LINES);
  return [`✗ ${suite}: ${name}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** A run is good when something ran and nothing failed. */
export function isGood({ passed, failed }: Tally): boolean {
  return failed === 0 && passed > 0;
}
