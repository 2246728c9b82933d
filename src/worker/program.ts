/** The agent's own command line: the pasted command ends in it. Node's parser, for the file should stay small. */
import { parseArgs } from 'node:util';
import type { ExitCode } from '../core/failure-words.ts';
import { fail } from '../core/result.ts';
import { homeAt } from './home.ts';
import { join } from './join.ts';
import { leave } from './leave.ts';
import { showStatus } from './show-status.ts';
import { complain, say } from './speech.ts';
import type { Surroundings } from './surroundings.ts';
import { agentVersion } from './version.ts';

const OPTIONS = {
  name: { type: 'string' },
  home: { type: 'string' },
  'install-service': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
  version: { type: 'boolean' },
} as const;

const FITTING: Readonly<Record<string, readonly string[]>> = {
  join: ['name', 'home', 'install-service'],
  leave: ['home'],
  status: ['home', 'json'],
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
    case 'join': {
      const isService = values['install-service'] ?? false;
      return join(surroundings, { code: rest[0] ?? null, name: values.name ?? null, isService });
    }
    case 'leave':
      return leave(surroundings);
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
  return `Labwatch agent ${agentVersion()}: lets a coordinator watch this machine.

  ${command} join CODE    join a lab with a code from \`labwatch workers add\`
  ${command} join         go on with the coordinator this machine has joined
  ${command} status       tell how it is
  ${command} leave        end it for good and remove every trace

  --name NAME          join: what the worker is called (default: what the machine is called)
  --install-service    join: run as a systemd service from now on, also after a reboot
  --json               status: print JSON
  --home DIR           another folder than ~/.labwatch-agent (or LABWATCH_AGENT_HOME)

Example:
  ${command} join LW1-… --install-service`;
}
