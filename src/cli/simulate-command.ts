/** `labwatch simulate`: the scheduler over a recorded workload, without an instance. */
import type { Command } from 'commander';
import { addCommand, complain } from './command.ts';
import type { Outcome } from './index.ts';
import { addSwfOptions, type SwfFlags } from './simulate/swf-options.ts';

const EXAMPLE = 'labwatch simulate --swf trace.swf.gz --processors 128 --load 0.95 --events out.csv';

export function addSimulate(program: Command, outcome: Outcome): void {
  addSwfOptions(addCommand(program, 'simulate', 'run the scheduler over a recorded workload', EXAMPLE))
    .option('--json', 'print the figures as JSON')
    .action(async (flags: SwfFlags) => {
      const { simulateSwf } = await import('./simulate/swf-mode.ts');
      const simulated = await simulateSwf(flags);
      if (!simulated.ok) outcome.exitCode = complain(simulated.error);
    });
}
