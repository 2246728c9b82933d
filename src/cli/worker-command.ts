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
  readonly runTasks?: boolean;
  readonly maxParallel?: string;
  readonly asUser?: string;
  readonly allow?: readonly string[];
  readonly profile?: string | false;
}

interface ListenFlags extends JoinFlags {
  readonly address?: string;
  readonly port?: string;
}

interface StatusFlags extends HomeFlag {
  readonly json?: boolean;
}

export function addWorker(program: Command, outcome: Outcome): void {
  const worker = program
    .command('worker')
    .description('let a coordinator elsewhere watch this machine, and run tasks on it')
    .helpOption('--help', 'explain this command')
    .helpCommand(false)
    .addHelpText('after', '\nExample:\n  labwatch worker join LW1-… --install-service');

  addJoinOptions(addHomeCommand(worker, 'join', 'join with a code, or go on', 'labwatch worker join LW1-…'))
    .argument('[code]', 'from `labwatch workers add`; without one it goes on with the coordinator it has joined')
    .action(async (code: string | undefined, flags: JoinFlags) => {
      await import('../worker/small-engine.ts');
      const { join } = await import('../worker/join.ts');
      const { name = null, installService: isService = false } = flags;
      const { profile } = flags;
      const options = { code: code ?? null, waits: null, name, isService, tasks: flags, profile };
      outcome.exitCode = await join(await surroundings(flags), options);
    });
  addJoinOptions(
    addHomeCommand(worker, 'listen', 'wait until the coordinator dials', 'labwatch worker listen --address 0.0.0.0'),
  )
    .option('--address <address>', 'where to wait: an address of this machine, 0.0.0.0 for all (default: 127.0.0.1)')
    .option('--port <port>', 'on which port (default: 7462)')
    .action(async ({ address, port, ...flags }: ListenFlags) => {
      await import('../worker/small-engine.ts');
      const { listen } = await import('../worker/listen.ts');
      const { name = null, installService: isService = false } = flags;
      outcome.exitCode = await listen(await surroundings(flags), {
        name,
        isService,
        tasks: flags,
        profile: flags.profile,
        address,
        port,
      });
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

function addJoinOptions(command: Command): Command {
  return command
    .option('--name <name>', 'what the worker is called (default: what the machine is called)')
    .option('--install-service', 'run as a systemd service from now on, also after a reboot')
    .option('--run-tasks', 'let the coordinator run tasks here, on the terms of the options below')
    .option('--no-run-tasks', 'let it run none from now on')
    .option('--max-parallel <n>', 'at most so many at once (default: as many as fit)')
    .option('--as-user <name>', 'as root: run them as this user')
    .option('--allow <program>', 'only this program, by its name or path (again for each further one)', collect)
    .option('--profile <file>', 'claim the hardware of that file, marked as simulated')
    .option('--no-profile', 'claim none from now on');
}

function collect(program: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, program];
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
  const { homeAt } = await import('../node/agent-home/home.ts');
  return { home: homeAt(home), command: 'labwatch worker', agentFile: agentFilePath() };
}
