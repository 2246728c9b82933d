/** `leave`: ends the trust on both sides, and removes every trace of the agent from this machine. */
import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type ExitCode, exitCodeOf } from '../core/failure-words.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { HOME_ENTRIES, type Home } from '../node/agent-home/home.ts';
import { readTrust, type Trust } from '../node/agent-home/trust.ts';
import { livenessOf } from '../node/process-identity.ts';
import { systemClock } from '../node/system-clock.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { openAgentLog } from './agent-log.ts';
import { openArrivals } from './arrivals.ts';
import { whomOf } from './awaiting.ts';
import { presentHolder } from './home-lock.ts';
import { introduction } from './introduction.ts';
import { openOwnTasks } from './own-tasks.ts';
import { isForgotten, type Reached, reachCoordinator } from './reaching.ts';
import { removeService } from './service.ts';
import { complain, say } from './speech.ts';
import type { Surroundings } from './surroundings.ts';
import { TASKS_STAY } from './task-desk.ts';

const STOP_LIMIT_MS = 10_000;
const LOOK_AGAIN_MS = 50;
/** The coordinator ends the link once it has forgotten this worker. */
const FORGET_LIMIT_MS = 5_000;
/** A coordinator that dials tries again each ten seconds at the latest. */
const DIALLED_LIMIT_MS = 15_000;

/** 0 when nothing is left here; whether the coordinator could be told is said. */
export async function leave({ home }: Surroundings): Promise<ExitCode> {
  const trust = readTrust(home);
  const service = await removeService(home);
  if (!service.ok) return refuse(service);
  if (service.value) say('The service is stopped and removed.');
  const stopped = await stopAgent(home);
  if (!stopped.ok) return refuse(stopped);
  const ended = await endTasks(home);
  if (!ended.ok) return refuse(ended);
  const known = trust.ok ? trust.value : null;
  if (known !== null) say(await farewell(home, known));
  const rest = removeHome(home);
  if (!rest.ok) return refuse(rest);
  if (known === null) say(rest.value.wasThere ? 'This machine had not joined.' : 'Nothing of the agent is here.');
  else if (rest.value.left.length === 0) say(`${home.folder} is removed.`);
  if (rest.value.left.length > 0)
    say(`${home.folder} stays, for it holds what is not the agent’s: ${rest.value.left.join(', ')}.`);
  return 0;
}

/** What runs is ended: its results would have nowhere to go. */
async function endTasks(home: Home): Promise<Result<null>> {
  if (!existsSync(home.tasksFolder)) return ok(null);
  const log = openAgentLog(home);
  try {
    const { desk, problem } = await openOwnTasks(home, null, log);
    if (desk === null) {
      if (problem !== null) say(`${problem} If a task still runs here, it goes on.`);
      return ok(null);
    }
    const { running } = desk.load();
    if (running > 0)
      say(running === 1 ? 'A task runs here; it is ended.' : `${running} tasks run here; they are ended.`);
    const isDone = await desk.endAll();
    await desk.dispose();
    return isDone ? ok(null) : fail('internal', `${TASKS_STAY} End them, then leave again.`);
  } finally {
    await log.dispose();
  }
}

async function stopAgent({ folder }: Home): Promise<Result<null>> {
  const giveUpAtMs = systemClock.monotonicMs() + STOP_LIMIT_MS;
  let isAsked = false;
  for (;;) {
    const holder = holderOf(folder);
    if (holder === null) return ok(null);
    const { pid, hostName } = holder.identity;
    if (livenessOf(holder.identity) === 'elsewhere') {
      return fail('unavailable', `An agent on ${hostName} uses ${folder}. Run this there.`);
    }
    if (systemClock.monotonicMs() > giveUpAtMs)
      return fail('internal', `The agent (pid ${pid}) does not stop. End it, then leave again.`);
    if (!isAsked) process.kill(pid, 'SIGTERM');
    isAsked = true;
    await pause(LOOK_AGAIN_MS);
  }
}

function holderOf(folder: string) {
  try {
    return presentHolder(folder, systemClock);
  } catch {
    return null;
  }
}

/** Tells the coordinator; answers the sentence for the person. */
async function farewell(home: Home, trust: Trust): Promise<string> {
  const key = openAgentKey(home.folder);
  if (!key.ok) return notTold(trust, key.error.message);
  const meeting = { ...introduction(null, null), key: key.value };
  if (trust.listening === null) {
    return sayFarewell(
      trust,
      await reachCoordinator({
        places: [trust.proven, ...trust.places],
        meeting: { ...meeting, ...whomOf(trust) },
        signal: new AbortController().signal,
      }),
    );
  }
  const log = openAgentLog(home);
  try {
    const arrivals = await openArrivals({ place: trust.listening, whom: whomOf(trust), introduction: meeting, log });
    if (!arrivals.ok) return notTold(trust, arrivals.error.message);
    say('Waiting for the coordinator to dial once more.');
    const said = await sayFarewell(trust, await arrivals.value.next(AbortSignal.timeout(DIALLED_LIMIT_MS)));
    await arrivals.value.dispose();
    return said;
  } finally {
    await log.dispose();
  }
}

async function sayFarewell(trust: Trust, reached: Reached): Promise<string> {
  if (reached.kind === 'refused') {
    return isForgotten(reached.refusal)
      ? 'The coordinator had forgotten this machine already.'
      : notTold(trust, reached.refusal.message);
  }
  if (reached.kind === 'failed') return notTold(trust, reached.failure.message);
  const { link, meeting } = reached;
  const ended = new Promise<boolean>((resolve) => {
    meeting.handOver({ onMessage: () => undefined, onEnd: () => resolve(true) });
  });
  link.send(JSON.stringify({ kind: 'leaving' }));
  const isDone = await Promise.race([ended, pause(FORGET_LIMIT_MS, false, { ref: false })]);
  link.dispose();
  return isDone ? `${trust.name} has left its coordinator.` : notTold(trust, 'it did not answer');
}

function notTold({ name }: Trust, why: string): string {
  return `The coordinator could not be told (${why.replace(/\.$/, '')}). Remove ${name} there as well.`;
}

/** Removes what an agent makes and nothing else; answers what else lies there. */
function removeHome({ folder }: Home): Result<{ readonly wasThere: boolean; readonly left: readonly string[] }> {
  try {
    const names = readdirSync(folder);
    for (const name of names.filter(isOurs)) rmSync(join(folder, name), { recursive: true, force: true });
    const left = names.filter((name) => !isOurs(name));
    if (left.length === 0) rmdirSync(folder);
    return ok({ wasThere: true, left });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return ok({ wasThere: false, left: [] });
    return fail('not-permitted', `${folder} cannot be removed: ${message}.`);
  }
}

function isOurs(name: string): boolean {
  return HOME_ENTRIES.some((pattern) => pattern.test(name));
}

function refuse({ error }: { readonly error: Parameters<typeof complain>[0] }): ExitCode {
  complain(error);
  return exitCodeOf(error);
}
