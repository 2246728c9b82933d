/** What the agent's commands need to know of how they were started. */
import { forShell, type Home, homeAt } from '../node/agent-home/home.ts';

export interface Surroundings {
  readonly home: Home;
  /** The command that a person types to start the agent, for sentences: `labwatch worker`. */
  readonly command: string;
  /** The agent as one self-contained file: for a service to run, and to read the inventory with. */
  readonly agentFile: string;
}

/** What a person types to run one of the agent's commands on this home: `labwatch worker join --home /srv/agent`. */
export function commandLine({ command, home }: Surroundings, words: string): string {
  const isUsual = home.folder === homeAt(undefined).folder;
  return isUsual ? `${command} ${words}` : `${command} ${words} --home ${forShell(home.folder)}`;
}
