// Runs the benches one after another, each several times in fresh processes, and reports the medians.
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from '../build/build.ts';
import { nodeExecutable, projectFolder } from '../project.ts';
import { type Figure, keepsBar, medianFigures } from './figure.ts';
import { figureTable } from './table.ts';

const defaultRuns = 3;

/** `npm run bench -- [--json FILE] [--runs N] [FILTER…]`; exit code 1 where a bench failed or a bar was missed. */
export async function runBenches(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'string' }, runs: { type: 'string' } },
  });
  const runs = values.runs === undefined ? defaultRuns : Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number, not ${values.runs}`);
  await buildIfNeeded(projectFolder, say);
  const figures: Figure[] = [];
  const failures: string[] = [];
  for (const file of await findBenches(positionals)) {
    const outcome = await runFile(file, runs);
    figures.push(...outcome.figures);
    failures.push(...outcome.failures);
  }
  for (const line of figureTable(figures)) console.log(line);
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  for (const failure of failures) say(failure);
  return failures.length === 0 && figures.length > 0 && figures.every(keepsBar) ? 0 : 1;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function findBenches(filters: readonly string[]): Promise<readonly string[]> {
  const folder = join(projectFolder, 'test', 'bench');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.bench.ts')).sort();
  return files
    .map((file) => join(folder, file))
    .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)));
}

async function runFile(file: string, runs: number) {
  const name = relative(projectFolder, file);
  const done: (readonly Figure[])[] = [];
  const failures: string[] = [];
  for (let run = 1; run <= runs; run += 1) {
    say(`${name}: run ${run} of ${runs}`);
    await runOnce(file).then(
      (figures) => done.push(figures),
      (error: Error) => failures.push(`${name}: ${error.message}`),
    );
  }
  return { figures: medianFigures(done), failures };
}

async function runOnce(file: string): Promise<readonly Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'labwatch-bench-'));
  const outFile = join(folder, 'figures.json');
  try {
    const program = join(import.meta.dirname, 'run-one.ts');
    const child = spawn(nodeExecutable, ['--expose-gc', program, file, outFile], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    const code = await new Promise((resolve) => child.on('error', () => resolve(1)).on('close', resolve));
    if (code !== 0) throw new Error(`ended with code ${code}`);
    return JSON.parse(await readFile(outFile, 'utf8')) as readonly Figure[];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
