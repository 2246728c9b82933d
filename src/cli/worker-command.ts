/** `labwatch worker`: this machine as a worker of somebody's lab. The agent itself is in `src/worker`; it is loaded when asked for. */
import type { Command } from 'commander';
import { agentFilePath } from '../app/agent-file.ts';
import type { ExitCode } from '../core/failure-words.ts';
import type { Surroundings } from '../worker/surroundings.ts';
import type { Outcome } from './index.ts';

interface HomeFlag {
  readonly home?: string;
}

interface JoinFlags extends HomeFlag {
  readonly name?: string;
  readonly installService?: boolean;
}

interface StatusFlags extends HomeFlag {
  readonly json?: boolean;
}

export function addWorker(program: Command, outcome: Outcome): void {
  const worker = program
    .command('worker')
    .description('let a coordinator elsewhere watch this machine')
    .helpOption('--help', 'explain this command')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  labwatch worker join LW1-… --install-service');

  addHomeCommand(worker, 'join', 'join with a code, or go on', 'labwatch worker join LW1-…')
    .argument('[code]', 'from `labwatch workers add`; without one it goes on with the coordinator it has joined')
    .option('--name <name>', 'what the worker is called (default: what the machine is called)')
    .option('--install-service', 'run as a systemd service from now on, also after a reboot')
    .action(async (code: string | undefined, flags: JoinFlags) => {
      await import('../worker/small-engine.ts');
      const { join } = await import('../worker/join.ts');
      const options = { code: code ?? null, name: flags.name ?? null, isService: flags.installService ?? false };
      outcome.exitCode = await join(await surroundings(flags), options);
    });
  addHomeCommand(worker, 'status', 'tell how the agent on this machine is', 'labwatch worker status')
    .option('--json', 'print JSON')
    .action(async (flags: StatusFlags) => {
      const { showStatus } = await import('../worker/show-status.ts');
      outcome.exitCode = showStatus(await surroundings(flags), flags.json ?? false) satisfies ExitCode;
    });
  addHomeCommand(worker, 'leave', 'end it for good and remove every trace', 'labwatch worker leave').action(
    async (flags: HomeFlag) => {
      const { leave } = await import('../worker/leave.ts');
      outcome.exitCode = await leave(await surroundings(flags));
    },
  );
}

function addHomeCommand(parent: Command, name: string, summary: string, example: string): Command {
  return parent
    .command(name)
    .description(summary)
    .option('--home <dir>', 'the agent’s folder (default: LABWATCH_AGENT_HOME, else ~/.labwatch-agent)')
    .helpOption('--help', 'explain this command')
    .helpCommand(false)
    .allowExcessArguments(false)
    .addHelpText('after', `\nExample:\n  ${example}`);
}

async function surroundings({ home }: HomeFlag): Promise<Surroundings> {
  const { homeAt } = await import('../worker/home.ts');
  return { home: homeAt(home), command: 'labwatch worker', agentFile: agentFilePath() };
}
