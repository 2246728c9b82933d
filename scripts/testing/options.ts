// The arguments of `npm test`.
import { parseArgs } from 'node:util';

export type TestOptions = {
  readonly isVerbose: boolean;
  /** Adds soak and fault tests that take more than seconds. */
  readonly isLong: boolean;
  readonly htmlFile: string | undefined;
  /** Parts of test file paths; none means everything. */
  readonly filters: readonly string[];
};

/** Throws with a sentence where an argument is unknown or incomplete. */
export function readTestOptions(args: readonly string[]): TestOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { verbose: { type: 'boolean' }, long: { type: 'boolean' }, html: { type: 'string' } },
  });
  return {
    isVerbose: values.verbose ?? false,
    isLong: values.long ?? false,
    htmlFile: values.html,
    filters: positionals,
  };
}
