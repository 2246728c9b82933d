// The checks that need no test: types, lint and format, unused code.
import { join } from 'node:path';
import type { Suite } from './outcome.ts';
import { runProgram, runStep } from './step.ts';

const checks = [
  { name: 'types (tsc)', program: 'tsc', args: ['-p', '.', '--noEmit'] },
  {
    name: 'lint and format (biome)',
    program: 'biome',
    args: ['check', '--error-on-warnings', '--diagnostic-level=warn', '--colors=off'],
  },
  { name: 'unused files, exports, dependencies (knip)', program: 'knip', args: ['--no-progress'] },
];

/** Runs every check, also after one failed. */
export async function runChecks(project: string): Promise<Suite> {
  const cases = [];
  for (const { name, program, args } of checks) {
    cases.push(await runStep(name, () => runProgram(join(project, 'node_modules', '.bin', program), args, project)));
  }
  return { name: 'checks', cases };
}
