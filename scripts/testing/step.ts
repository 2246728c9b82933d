// One step of a run that is not a test file: a check, the build, the making of the runtime. It counts as one case.
import { spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import type { TestCase } from './outcome.ts';

/** Runs a step; what it throws is why it failed. */
export async function runStep(name: string, work: () => Promise<void>): Promise<TestCase> {
  const startedAt = performance.now();
  const outcome = await work().then(
    () => ({ state: 'passed' as const }),
    (error: Error) => ({ state: 'failed' as const, why: error.message }),
  );
  const done: TestCase = { name, durationMs: performance.now() - startedAt, ...outcome };
  const mark = done.state === 'passed' ? '✓' : '✗';
  console.log(`${mark} ${name} (${(done.durationMs / 1000).toFixed(1)} s)`);
  if (done.why !== undefined) console.log(done.why);
  return done;
}

/** Runs a program to its end; throws what it printed where it ended with another code than 0. */
export function runProgram(program: string, args: readonly string[], cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32',
    });
    let printed = '';
    child.stdout.on('data', (chunk) => (printed += chunk));
    child.stderr.on('data', (chunk) => (printed += chunk));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(printed.trim() || `exit code ${code}`))));
  });
}
