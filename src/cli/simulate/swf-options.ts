/** The options of `labwatch simulate --swf`. */
import { type Command, InvalidArgumentError } from 'commander';

export interface SwfFlags {
  readonly swf?: string;
  readonly processors?: number;
  readonly load?: number;
  readonly events?: string;
  readonly profile?: string;
  readonly json?: boolean;
}

export function addSwfOptions(command: Command): Command {
  return command
    .option('--swf <trace>', 'jobs of a recorded machine, in the Standard Workload Format, also gzipped')
    .option('--processors <count>', 'cores of the worker that they run on', wholeOf)
    .option('--load <share>', 'arrivals are drawn together until this share of the cores is asked for', shareOf)
    .option('--events <csv>', 'where to write when each job began and ended: job,start,end');
}

function wholeOf(text: string): number {
  const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw new InvalidArgumentError('It must be a whole number from 1 on.');
}

function shareOf(text: string): number {
  const share = /^\d*\.?\d+$/.test(text) ? Number(text) : 0;
  if (share > 0 && share <= 10) return share;
  throw new InvalidArgumentError('It must be a number above 0, such as 0.95.');
}
