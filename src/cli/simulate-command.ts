/** `labwatch simulate`: the product's own scheduler over recorded or public workloads, without an instance. */
import type { Command } from 'commander';
import { addCommand, complain } from './command.ts';
import type { Outcome } from './index.ts';
import { addPlacementOptions, type PlacementFlags } from './simulate/placement-options.ts';

const EXAMPLE = 'labwatch simulate --nodes nodes.csv --arrivals arrivals.csv --placements out.csv';

export function addSimulate(program: Command, outcome: Outcome): void {
  addPlacementOptions(addCommand(program, 'simulate', 'run the scheduler over a workload from files', EXAMPLE))
    .option('--json', 'print the figures as JSON')
    .action(async (flags: PlacementFlags) => {
      const { simulatePlacements } = await import('./simulate/placements.ts');
      const done = await simulatePlacements(flags);
      if (!done.ok) outcome.exitCode = complain(done.error);
    });
}
