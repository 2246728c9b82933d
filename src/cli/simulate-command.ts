/** `labwatch simulate`: the product's own scheduler over recorded or public workloads, without an instance. */
import type { Command } from 'commander';
import { fail, type Result } from '../core/result.ts';
import { addCommand, complain } from './command.ts';
import type { Outcome } from './index.ts';
import { addPlacementOptions, type PlacementFlags } from './simulate/placement-options.ts';
import { addSwfOptions, type SwfFlags } from './simulate/swf-options.ts';

const EXAMPLE = 'labwatch simulate --swf trace.swf.gz --processors 128 --load 0.95 --events out.csv';

export function addSimulate(program: Command, outcome: Outcome): void {
  const command = addCommand(program, 'simulate', 'run the scheduler over a workload from files', EXAMPLE);
  addPlacementOptions(addSwfOptions(command))
    .option('--json', 'print the figures as JSON')
    .action(async (flags: PlacementFlags & SwfFlags) => {
      const done = await simulate(flags);
      if (!done.ok) outcome.exitCode = complain(done.error);
    });
}

async function simulate(flags: PlacementFlags & SwfFlags): Promise<Result<null>> {
  if (flags.swf === undefined) {
    const { simulatePlacements } = await import('./simulate/placements.ts');
    return simulatePlacements(flags);
  }
  if (flags.nodes !== undefined || flags.arrivals !== undefined || flags.placements !== undefined)
    return fail(
      'invalid-argument',
      'A trace (--swf) and arrivals (--nodes, --arrivals) are two simulations: run one at a time.',
    );
  const { simulateSwf } = await import('./simulate/swf-mode.ts');
  return simulateSwf(flags);
}
