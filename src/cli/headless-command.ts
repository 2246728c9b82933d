/** `labwatch headless`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LEVELS, type Level } from '../core/metrics/level.ts';
import { addCommand, dataDirOf } from './command.ts';
import { parseDuration } from './duration.ts';
import type { Outcome } from './index.ts';

interface HeadlessFlags {
  readonly level?: Level;
  readonly duration?: number;
  readonly json?: boolean;
}

export function addHeadless(program: Command, outcome: Outcome): void {
  addCommand(
    program,
    'headless',
    'watch this machine without a window',
    'labwatch headless --level basic --duration 10m',
  )
    .addOption(new Option('--level <level>', 'sample at this level in this run').choices(LEVELS))
    .option('--duration <time>', 'stop after this long, such as 30s, 10m, 2h', durationOf)
    .option('--json', 'print one JSON line a tick')
    .action(async (flags: HeadlessFlags, command: Command) => {
      const { runHeadless } = await import('../app/headless.ts');
      outcome.exitCode = await runHeadless({
        dataDir: dataDirOf(command),
        level: flags.level ?? null,
        durationMs: flags.duration ?? null,
        isJson: flags.json ?? false,
      });
    });
}

function durationOf(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === null) throw new InvalidArgumentError('It must be a length of time such as 30s, 10m or 2h.');
  return durationMs;
}
