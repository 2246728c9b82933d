/** `labwatch status`: the workers and their figures, once or for as long as somebody watches. */
import type { Command } from 'commander';
import { printable } from '../app/terminal-text.ts';
import type { StatusReport } from '../shared/control/contract.ts';
import { addCommand, complain, dataDirOf, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { connectToInstance } from './running-instance.ts';
import { ageMsOf, statusLines } from './status-table.ts';
import { listenerLine } from './workers-table.ts';

interface StatusFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export function addStatus(program: Command, outcome: Outcome): void {
  addCommand(program, 'status', 'show the workers, their state and figures', 'labwatch status --watch')
    .option('--watch', 'keep showing until Ctrl+C')
    .option('--json', 'print JSON: one report, or with --watch one event a line')
    .action(async (flags: StatusFlags, command: Command) => {
      const client = await connectToInstance(dataDirOf(command));
      if (!client.ok) {
        outcome.exitCode = complain(client.error);
        return;
      }
      const report = await client.value.call('status', {});
      if (!report.ok) outcome.exitCode = complain(report.error);
      else if (flags.watch) {
        const { watchStatus } = await import('./status-watch.ts');
        const ended = await watchStatus(client.value, report.value, flags.json ?? false);
        if (!ended.ok) outcome.exitCode = complain(ended.error);
      } else if (flags.json) printJson(withAges(report.value));
      else {
        for (const line of statusLines(report.value)) print(line);
        const listener = await client.value.call('listener', {});
        if (listener.ok && listener.value.state === 'failed') print(printable(listenerLine(listener.value)));
      }
      client.value.dispose();
    });
}

function withAges(report: StatusReport) {
  const workers = report.workers.map((worker) => ({ ...worker, ageMs: ageMsOf(worker, report.nowMs) }));
  return { ...report, workers };
}
