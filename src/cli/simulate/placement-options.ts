/** The options of GPU placement, one of the workloads of `labwatch simulate`. */
import type { Command } from 'commander';

export interface PlacementFlags {
  readonly nodes?: string;
  readonly arrivals?: string;
  readonly placements?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export function addPlacementOptions(command: Command): Command {
  return command
    .option('--nodes <file>', 'GPU placement: the workers, CSV with sn,cpu_milli,memory_mib,gpu,model')
    .option('--arrivals <file>', 'what comes: CSV with seq,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec')
    .option('--placements <file>', 'where to write who went where: CSV with seq,node,gpus')
    .option('--profile <name>', 'how workers are weighed (default: packed)');
}
