/**
 * This machine's own agent: a process of its own that runs the local worker's tasks, so that they outlive Labwatch. It is
 * started when the first of them comes, and leaves by itself when none has come for a minute.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UNABLE_EXIT } from '../core/failure-words.ts';
import type { WorkerId } from '../core/fleet/worker.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Clock, type Disposable, MINUTE_MS, SECOND_MS } from '../core/time.ts';
import type { Log, Timers } from '../engine/ports.ts';
import type { TaskDoor } from '../engine/tasks/contract.ts';
import { agentFilePath } from './agent-file.ts';

const TRY_AGAIN_MS = 5 * SECOND_MS;
/** Where tasks cannot be run it may become possible: a disk is freed, a program installed. */
const UNABLE_AGAIN_MS = MINUTE_MS;
/** A fault that passes by itself must not send tasks elsewhere. */
const UNABLE_AFTER = 3;

/** Where the agent finds the coordinator, and by what it knows it. */
export interface LocalMeeting {
  readonly fingerprint: Uint8Array;
  readonly address: string;
  readonly port: number;
}

export interface LocalAgentOptions {
  readonly dataDir: string;
  readonly workerId: WorkerId;
  readonly name: () => string;
  /** Opens the door to agents, where it rests. */
  readonly open: () => Promise<Result<LocalMeeting>>;
  readonly door: TaskDoor;
  /** Whether a task on this machine is not over. */
  readonly hasWork: () => boolean;
  /** Whether tasks can be run on this machine, as it turns out; told when that changes. */
  readonly onAble: (isAble: boolean) => void;
  readonly onLeft: () => void;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

export interface LocalAgent extends Disposable {
  /** Makes sure that an agent runs and finds its way here, as long as there is work for it. */
  summon(): void;
  /** The same where an agent of an earlier run left results that nobody has fetched. */
  summonForLeftovers(): void;
  /** As the coordinator knows it; the key is empty before the first is summoned. */
  readonly known: { readonly workerId: WorkerId; readonly publicKey: string };
  /** The task service's door, watched for this machine's own link. */
  readonly door: TaskDoor;
}

export function createLocalAgent(options: LocalAgentOptions): LocalAgent {
  const { workerId, door, hasWork, timers, log } = options;
  const home = join(options.dataDir, 'local-agent');
  const known = { workerId, publicKey: '' };
  let isLinked = false;
  let isRunning = false;
  let isUnderWay = false;
  let isDisposed = false;
  let failures = 0;
  let timer: Disposable | null = null;

  function later(delayMs: number, action: () => void): void {
    timer?.dispose();
    timer = isDisposed ? null : timers.after(delayMs, action);
  }

  function summon(): void {
    if (isUnderWay || isLinked || isDisposed) return;
    isUnderWay = true;
    void start().then((started) => {
      isUnderWay = false;
      if (!started.ok) log.warn('This machine’s own agent could not be started.', { reason: started.error.message });
      if (isLinked) return;
      if (failures >= UNABLE_AFTER) later(UNABLE_AGAIN_MS, summon);
      else later(TRY_AGAIN_MS, summonIfNeeded);
    });
  }

  function summonIfNeeded(): void {
    if (hasWork()) summon();
  }

  async function start(): Promise<Result<null>> {
    const opened = await options.open();
    if (!opened.ok) return opened;
    // Keys and files cost time at a start, and most starts have no task.
    const { writeLocalAgent } = await import('../node/agent-home/local-agent.ts');
    const written = writeLocalAgent({
      ...opened.value,
      folder: home,
      workerId,
      name: options.name(),
      nowMs: options.clock.nowMs(),
    });
    if (!written.ok) return written;
    known.publicKey = written.value.publicKey;
    return isRunning || isDisposed ? ok(null) : run(written.value.words);
  }

  /** An agent of an earlier run may be there still: a second one then leaves at once, and the first finds its way here. */
  function run(words: readonly string[]): Promise<Result<null>> {
    // In the app the program is Electron, which is told to be Node.
    const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
    const agent = spawn(process.execPath, [agentFilePath(), ...words], {
      detached: true,
      stdio: 'ignore',
      cwd: '/',
      env,
    });
    agent.unref();
    isRunning = true;
    agent.once('exit', (code) => {
      isRunning = false;
      if (code !== UNABLE_EXIT) return;
      failures += 1;
      if (failures === UNABLE_AFTER) options.onAble(false);
    });
    return new Promise((resolve) => {
      agent.once('spawn', () => resolve(ok(null)));
      agent.once('error', ({ message }) => {
        isRunning = false;
        resolve(fail('unavailable', message));
      });
    });
  }

  return {
    summon,
    summonForLeftovers() {
      if (hasEntries(join(home, 'tasks', 'attempts'))) summon();
    },
    known,
    door: {
      ...door,
      linked(linkedId, line) {
        door.linked(linkedId, line);
        if (linkedId !== workerId) return;
        isLinked = true;
        if (failures >= UNABLE_AFTER) options.onAble(true);
        failures = 0;
      },
      unlinked(unlinkedId) {
        door.unlinked(unlinkedId);
        if (unlinkedId !== workerId) return;
        isLinked = false;
        options.onLeft();
        later(0, summonIfNeeded);
      },
    },
    dispose() {
      isDisposed = true;
      timer?.dispose();
    },
  };
}

function hasEntries(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}
