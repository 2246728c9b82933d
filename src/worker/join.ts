/** `join`: brings this machine into a lab with a code, or goes on with the coordinator it has joined. */
import { type ExitCode, exitCodeOf } from '../core/failure-words.ts';
import { ok } from '../core/result.ts';
import { prepareHome } from '../node/agent-home/home.ts';
import { readTrust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { parsePairingCode } from '../node/transport/pairing-code.ts';
import { runAgent } from './agent.ts';
import { openAgentLog } from './agent-log.ts';
import type { Arrivals } from './arrivals.ts';
import { awaitCoordinator } from './awaiting.ts';
import { enrol } from './enrolment.ts';
import { claimHome } from './home-lock.ts';
import { introduction } from './introduction.ts';
import { openOwnTasks } from './own-tasks.ts';
import { chooseProfile, type ProfileFlag } from './profile.ts';
import { checkService, hasService, installService, stopService } from './service.ts';
import { complain, say } from './speech.ts';
import { type StopWatch, watchForStop } from './stop-watch.ts';
import type { Surroundings } from './surroundings.ts';
import { type TaskFlags, taskChoice } from './task-choice.ts';
import { changeOver } from './update.ts';
import type { NewerAgent } from './update-receiving.ts';
import { agentVersion } from './version.ts';

export interface JoinOptions {
  /** As pasted; null: go on with the coordinator this machine has joined. */
  readonly code: string | null;
  /** To be dialled there instead (null: as before, or as usual); null: as it was, or to dial. */
  readonly waits: { readonly address: string | null; readonly port: number | null } | null;
  /** What the worker is to be called; null: what the machine is called. */
  readonly name: string | null;
  /** Hand over to a systemd unit instead of staying. */
  readonly isService: boolean;
  readonly tasks: TaskFlags;
  readonly profile: ProfileFlag;
}

/** 0: ended in order; 1: refused, or the work failed; 2: no usable code; 3: nobody reached, or an agent runs here already. */
export async function join(around: Surroundings, options: JoinOptions): Promise<ExitCode> {
  const stop = watchForStop(systemClock);
  const end = await joinOnce(around, options, stop);
  if (typeof end !== 'object') return end;
  const { home } = around;
  return changeOver({ home, words: ['join', '--home', home.folder], to: end.version, stop });
}

/** The home is given up when it resolves. */
async function joinOnce(around: Surroundings, options: JoinOptions, stop: StopWatch): Promise<ExitCode | NewerAgent> {
  const code = options.code === null ? ok(null) : parsePairingCode(options.code);
  if (!code.ok) return refuse(code);
  const choice = taskChoice(options.tasks);
  if (!choice.ok) return refuse(choice);
  const service = options.isService ? await checkService(around.home) : ok(null);
  if (!service.ok) return refuse(service);
  const prepared = prepareHome(around.home);
  if (!prepared.ok) return refuse(prepared);
  let claim = await claimHome(around.home, agentVersion(), systemClock);
  let { isService } = options;
  const isChange = isService || choice.value.kind === 'set' || options.profile !== undefined;
  if (claim.kind === 'held' && isChange && options.code === null && hasService(around.home)) {
    // The service itself runs: it is written anew, for the Node that it runs may have moved, and started on new terms.
    isService = true;
    const stopped = await stopService(around.home);
    if (!stopped.ok) return refuse(stopped);
    claim = await claimHome(around.home, agentVersion(), systemClock);
  }
  if (claim.kind !== 'claimed') return refuse({ error: claim.error });
  const log = openAgentLog(around.home);
  let arrivals: Arrivals | null = null;
  try {
    const known = readTrust(around.home);
    if (!known.ok) return refuse(known);
    const profile = chooseProfile(around.home, options.profile);
    if (!profile.ok) return refuse(profile);
    if (profile.value !== null) say('Simulated: this machine is shown as its profile says, and marked so.');
    const terms = choice.value.kind === 'set' ? choice.value.terms : (known.value?.tasks ?? null);
    const tasks = await openOwnTasks(around.home, terms, log);
    if (tasks.problem !== null) say(`${tasks.problem} This machine is only watched.`);
    const introduced = introduction(options.name ?? profile.value?.name ?? null, tasks.terms);
    const isDialled = options.waits !== null || (code.value === null && known.value?.listening != null);
    const parts = { introduced, terms, tasks, log, stop };
    const joined = isDialled
      ? await awaitCoordinator(around, known.value, { ...parts, ...(options.waits ?? { address: null, port: null }) })
      : await enrol(around, known.value, { ...parts, code: code.value });
    arrivals = joined.ok ? joined.value.arrivals : null;
    if (joined.ok && !isService)
      return await runAgent({
        around,
        ...joined.value,
        introduction: introduced,
        tasks,
        profile: profile.value,
        log,
        stop,
      });
    await tasks.desk?.dispose();
    if (!joined.ok) return refuse(joined);
    joined.value.first?.link.dispose();
    await arrivals?.dispose();
    await claim.lock.dispose();
    return await install(around, isDialled ? 'listen' : 'join');
  } finally {
    await arrivals?.dispose();
    await claim.lock.dispose();
    await log.dispose();
  }
}

async function install(around: Surroundings, word: 'join' | 'listen'): Promise<ExitCode> {
  const installed = await installService(around, word);
  return installed.ok ? 0 : refuse(installed);
}

function refuse({ error }: { readonly error: Parameters<typeof complain>[0] }): ExitCode {
  complain(error);
  return exitCodeOf(error);
}
