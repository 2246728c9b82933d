/**
 * `labwatch doctor`: what works here, what lacks rights, what to do. Exits 1 when something without which Labwatch
 * cannot run has failed.
 */
import type { Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import { addCommand, dataDirOf, print, printJson } from './command.ts';
import type { Check } from './doctor-check.ts';
import { desktopChecks } from './doctor-desktop.ts';
import { engineChecks } from './doctor-engine.ts';
import { machineChecks } from './doctor-machine.ts';
import type { Outcome } from './index.ts';

const MARKS: Readonly<Record<Check['state'], string>> = { ok: '●', note: '○', warning: '▲', failed: '■' };

export function addDoctor(program: Command, outcome: Outcome): void {
  addCommand(program, 'doctor', 'say what works here, what does not, and what to do', 'labwatch doctor --json')
    .option('--json', 'print JSON')
    .action(async (flags: { readonly json?: boolean }, command: Command) => {
      const dataDir = dataDirOf(command);
      const [machine, engine, desktop] = await Promise.all([
        machineChecks(dataDir),
        engineChecks(dataDir),
        desktopChecks(process.env),
      ]);
      const checks = [...machine, ...engine, ...desktop];
      const isHealthy = checks.every(({ state }) => state !== 'failed');
      if (flags.json) printJson({ isHealthy, dataDir, checks });
      else for (const check of checks) printCheck(check);
      outcome.exitCode = isHealthy ? 0 : 1;
    });
}

function printCheck({ name, state, detail, remedy }: Check): void {
  print(printable(`${MARKS[state]} ${state.padEnd(7)}  ${name.padEnd(22)}  ${detail}`));
  if (remedy !== null) print(printable(`${' '.repeat(35)}→ ${remedy}`));
}
