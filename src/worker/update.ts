/**
 * The change to a newer agent. It is tried first; only one that was welcomed by the coordinator takes the place of the old
 * file, in one step. Then this process goes on as the file that is good, under its own id where Node can do that, so that
 * whoever started it (a service, a container, a terminal) notices nothing.
 */
import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import type { ExitCode } from '../core/failure-words.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { Home } from '../node/agent-home/home.ts';
import { readJson, writeWhole } from '../node/agent-home/whole-file.ts';
import { SOFTWARE_FAULT } from './crash-exit.ts';
import { sayTimed } from './speech.ts';
import type { StopWatch } from './stop-watch.ts';
import type { Surroundings } from './surroundings.ts';
import { nodeArguments, tryNewerAgent } from './update-trial.ts';
import { agentVersion } from './version.ts';

/** To start, to find the coordinator and to be welcomed. */
const TRIAL_LIMIT_MS = MINUTE_MS;

export interface UpdateOutcome {
  readonly kind: 'updated' | 'update-failed';
  readonly message: string;
}

export interface ChangeOptions {
  readonly home: Home;
  /** The agent's command with which it goes on here, behind its file: `join --home …`. */
  readonly words: readonly string[];
  /** The version that lies ready. */
  readonly to: string;
  readonly stop: StopWatch;
}

/** With the home given up. Returns only when somebody wants the agent to end. */
export async function changeOver({ home, words, to, stop }: ChangeOptions): Promise<ExitCode> {
  const from = agentVersion();
  sayTimed(`Trying version ${to} of the agent.`);
  const trial = await tryNewerAgent({ home, words, stop, limitMs: TRIAL_LIMIT_MS });
  if (trial.kind === 'stopped') return 0;
  const reason = trial.kind === 'failed' ? trial.reason : swap(home);
  const outcome: UpdateOutcome =
    reason === null
      ? { kind: 'updated', message: `Updated from ${from} to ${to}.` }
      : { kind: 'update-failed', message: `The update to ${to} did not come back: ${reason}. ${from} runs again.` };
  rmSync(home.nextAgentFile, { force: true });
  keepOutcome(home, outcome);
  sayTimed(outcome.message);
  return goOn(nodeArguments(home.agentFile, words), stop);
}

/** What came of an update, for the agent that runs on this home to tell; null where there was none. Answers it once. */
export function takeUpdateOutcome({ home, agentFile }: Surroundings): UpdateOutcome | null {
  if (agentFile === home.nextAgentFile) return null;
  const kept = readKept(home);
  const isCutOff = kept === null && existsSync(home.nextAgentFile);
  rmSync(home.updateFile, { force: true });
  rmSync(home.nextAgentFile, { force: true });
  if (!isCutOff) return kept;
  return { kind: 'update-failed', message: `An update was cut off. ${agentVersion()} runs on.` };
}

/** Null when it is done; why the disk refuses, else. The old file is there whole until the new one is. */
function swap({ agentFile, nextAgentFile, previousAgentFile }: Home): string | null {
  try {
    copyFileSync(agentFile, previousAgentFile);
    renameSync(nextAgentFile, agentFile);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

function keepOutcome({ updateFile }: Home, outcome: UpdateOutcome): void {
  try {
    writeWhole(updateFile, JSON.stringify(outcome), false);
  } catch {
    // Without it the coordinator learns what runs, and not why.
  }
}

function readKept({ updateFile }: Home): UpdateOutcome | null {
  try {
    const kept = readJson(updateFile) as UpdateOutcome | null;
    const isOne = (kept?.kind === 'updated' || kept?.kind === 'update-failed') && typeof kept.message === 'string';
    return isOne ? { kind: kept.kind, message: kept.message } : null;
  } catch {
    return null;
  }
}

/** This process becomes the agent in the home's file; where it cannot (Node before 22.15, Windows), it stays as its parent. */
function goOn(words: readonly string[], stop: StopWatch): Promise<never> {
  const { execve } = process as { readonly execve?: (file: string, args: readonly string[]) => never };
  if (execve !== undefined && process.platform !== 'win32') execve(process.execPath, [process.execPath, ...words]);
  const child = spawn(process.execPath, words, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  void stop.stopped.then(() => child.kill('SIGTERM'));
  return new Promise(() => {
    // It ends as its child does, so that a service starts it again just when it should.
    child.once('exit', (code) => process.exit(code ?? SOFTWARE_FAULT));
  });
}
