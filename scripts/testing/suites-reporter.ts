// A vitest reporter that writes what every file and test came to, as suites in JSON, into the file that LABWATCH_SUITES names.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestModule, TestCase as VitestCase } from 'vitest/node';
import type { Suite, TestCase } from './outcome.ts';

export default class SuitesReporter implements Reporter {
  /** Errors outside of any test belong to the run: a process of tests that died, a promise nobody waited for. */
  onTestRunEnd(modules: readonly TestModule[], looseErrors: readonly SerializedError[]): void {
    const suites: Suite[] = modules.map((file) => ({
      name: relative(process.cwd(), file.moduleId),
      cases: casesOf(file),
    }));
    if (looseErrors.length > 0) suites.push({ name: 'outside of any test', cases: looseErrors.map(looseCase) });
    writeFileSync(process.env.LABWATCH_SUITES ?? '', JSON.stringify(suites));
  }
}

function casesOf(file: TestModule): readonly TestCase[] {
  const cases = [...file.children.allTests()].map(caseOf);
  const isDone = file.state() === 'passed' || file.state() === 'skipped';
  if (isDone || cases.some(({ state }) => state === 'failed')) return cases;
  // A process of tests that dies leaves its file queued or half done, without an error.
  const why = whyOf(file.errors()) || `it was left ${file.state()}`;
  return [...cases, { name: 'the file as a whole', state: 'failed', durationMs: 0, why }];
}

function caseOf(test: VitestCase): TestCase {
  const { state, errors } = test.result();
  return {
    name: test.fullName,
    state: state === 'pending' ? 'skipped' : state,
    durationMs: test.diagnostic()?.duration ?? 0,
    ...(errors?.length ? { why: whyOf(errors) } : {}),
  };
}

function looseCase(error: SerializedError): TestCase {
  return { name: error.message, state: 'failed', durationMs: 0, why: whyOf([error]) };
}

/** Stacks begin with the message. */
function whyOf(errors: readonly SerializedError[]): string {
  return errors
    .map(({ message, stack, cause }) => [stack ?? message, ...(cause ? [whyOf([cause])] : [])].join('\n'))
    .join('\n\n');
}
