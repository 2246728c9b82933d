/** The agent's own command line: the pasted command ends in it. Node's parser, for the file should stay small. */
import { parseArgs } from 'node:util';
import type { ExitCode } from '../core/failure-words.ts';
import { fail } from '../core/result.ts';
import { homeAt } from '../node/agent-home/home.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { listen } from './listen.ts';
import { runLocalAgent } from './local-agent.ts';
import { showStatus } from './show-status.ts';
import { complain, say } from './speech.ts';
import type { Surroundings } from './surroundings.ts';
import { agentVersion } from './version.ts';

const OPTIONS = {
  name: { type: 'string' },
  home: { type: 'string' },
  address: { type: 'string' },
  port: { type: 'string' },
  'install-service': { type: 'boolean' },
  'run-tasks': { type: 'boolean' },
  'no-run-tasks': { type: 'boolean' },
  'max-parallel': { type: 'string' },
  'as-user': { type: 'string' },
  allow: { type: 'string', multiple: true },
  profile: { type: 'string' },
  'no-profile': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

const OF_JOIN = [
  'name',
  'home',
  'install-service',
  'run-tasks',
  'no-run-tasks',
  'max-parallel',
  'as-user',
  'allow',
  'profile',
  'no-profile',
];

const FITTING: Readonly<Record<string, readonly string[]>> = {
  join: OF_JOIN,
  listen: [...OF_JOIN, 'address', 'port'],
  leave: ['home'],
  status: ['home', 'json'],
  // Not for people: the app starts it on its own machine.
  local: ['home'],
};

/** Runs the command in `argv` (without node and script). Never throws for what a person typed. */
export async function runProgram(argv: readonly string[], around: Omit<Surroundings, 'home'>): Promise<ExitCode> {
  const typed = parse(argv);
  if (typeof typed === 'string') return misuse(typed, around.command);
  const { values, words } = typed;
  if (values.version) return answer(agentVersion());
  const [command, ...rest] = words;
  if (values.help || command === undefined) return answer(help(around.command));
  const fitting = FITTING[command];
  if (fitting === undefined) return misuse(`There is no command ${command}.`, around.command);
  const foreign = Object.keys(values).find((name) => !fitting.includes(name));
  if (foreign !== undefined) return misuse(`${command} has no option --${foreign}.`, around.command);
  if (rest.length > (command === 'join' ? 1 : 0)) return misuse(`${command} was given too many words.`, around.command);
  const surroundings = { ...around, home: homeAt(values.home) };
  switch (command) {
    case 'join':
    case 'listen': {
      const isService = values['install-service'] ?? false;
      if (values['run-tasks'] && values['no-run-tasks'])
        return misuse('--run-tasks and --no-run-tasks are two wishes.', around.command);
      const tasks = {
        runTasks: values['run-tasks'] ?? (values['no-run-tasks'] ? false : undefined),
        maxParallel: values['max-parallel'],
        asUser: values['as-user'],
        allow: values.allow,
      };
      const profile = values.profile ?? (values['no-profile'] ? (false as const) : undefined);
      const options = { name: values.name ?? null, isService, tasks, profile };
      const { address, port } = values;
      return command === 'listen'
        ? listen(surroundings, { ...options, address, port })
        : join(surroundings, { ...options, code: rest[0] ?? null, waits: null });
    }
    case 'leave':
      return leave(surroundings);
    case 'local':
      return runLocalAgent(surroundings);
    default:
      return showStatus(surroundings, values.json ?? false);
  }
}

function parse(argv: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    return { values, words: positionals };
  } catch (error) {
    return (error as Error).message.split('. ')[0]!.replace(/([^.])$/, '$1.');
  }
}

function misuse(sentence: string, command: string): ExitCode {
  complain(fail('invalid-argument', `${sentence} \`${command} --help\` shows what there is.`).error);
  return 2;
}

function answer(text: string): ExitCode {
  say(text);
  return 0;
}

function help(command: string): string {
  return `Labwatch agent ${agentVersion()}: lets a coordinator watch this machine and, if you say so, run tasks on it.

  ${command} join CODE    join a lab with a code from \`labwatch workers add\`
  ${command} join         go on with the coordinator this machine has joined
  ${command} listen       wait until the coordinator dials, where only it can reach the other
  ${command} status       tell how it is
  ${command} leave        end it for good and remove every trace

  --name NAME          join: what the worker is called (default: what the machine is called)
  --address A          listen: where to wait (default: 127.0.0.1; 0.0.0.0: at all addresses)
  --port P             listen: on which port (default: 7462)
  --install-service    join: run as a systemd service from now on, also after a reboot
  --run-tasks          join: let the coordinator run tasks here; --no-run-tasks ends that
  --max-parallel N     with --run-tasks: at most so many at once (default: as many as fit)
  --as-user NAME       with --run-tasks, as root: run them as this user
  --allow PROGRAM      with --run-tasks: only this program (again for each further one)
  --profile FILE       join: claim the hardware of that file, marked as simulated; --no-profile ends that
  What is for join is for listen as well.
  --json               status: print JSON
  --home DIR           another folder than ~/.labwatch-agent (or LABWATCH_AGENT_HOME)

Example:
  ${command} join LW1-… --install-service`;
}
