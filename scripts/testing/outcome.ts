// What a test run came to: suites of cases, whatever ran them.

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

/** A run is good when something ran and nothing failed. */
export function isGood({ passed, failed }: Tally): boolean {
  return failed === 0 && passed > 0;
}
