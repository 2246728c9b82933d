/** `labwatch simulate`: the product's own scheduler over recorded or public workloads, on a virtual clock. */
import type { Command } from 'commander';
import { addCommand, complain } from './command.ts';
import type { Outcome } from './index.ts';
import type { PlacementFlags } from './simulate/placements.ts';

export function addSimulate(program: Command, outcome: Outcome): void {
  addCommand(
    program,
    'simulate',
    'run the scheduler over a workload from files',
    'labwatch simulate --nodes nodes.csv --arrivals arrivals.csv --placements out.csv',
  )
    .option('--nodes <file>', 'GPU placement: the workers, CSV with sn,cpu_milli,memory_mib,gpu,model')
    .option('--arrivals <file>', 'what comes: CSV with seq,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec')
    .option('--placements <file>', 'where to write who went where: CSV with seq,node,gpus')
    .option('--profile <name>', 'how workers are weighed (default: packed)')
    .option('--json', 'print JSON')
    .action(async (flags: PlacementFlags) => {
      const { simulatePlacements } = await import('./simulate/placements.ts');
      const done = await simulatePlacements(flags);
      outcome.exitCode = done.ok ? 0 : complain(done.error);
    });
}
