/** Whom this machine trusts from now on: the coordinator that it knows, or the one whose code it was given. */
import { rmSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { fingerprintText } from '../core/fleet/fingerprint.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { TaskTerms } from '../core/tasks/terms.ts';
import type { Log, SigningKey } from '../engine/ports.ts';
import type { Home } from '../node/agent-home/home.ts';
import { coordinatorText, type Trust, writeTrust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import type { PairingCode } from '../node/transport/pairing-code.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import type { Arrivals } from './arrivals.ts';
import type { Introduction } from './introduction.ts';
import type { OwnTasks } from './own-tasks.ts';
import { isForgotten, type Reached, reachCoordinator } from './reaching.ts';
import { say } from './speech.ts';
import type { StopWatch } from './stop-watch.ts';
import { commandLine, type Surroundings } from './surroundings.ts';
import { TASKS_STAY } from './task-desk.ts';
import { taskWords } from './task-words.ts';

export interface Enrolled {
  readonly trust: Trust;
  readonly key: SigningKey;
  /** The meeting that just took place; null where there was none. */
  readonly first: Extract<Reached, { readonly kind: 'welcome' }> | null;
  /** Where the coordinator dials; null where this machine does. */
  readonly arrivals: Arrivals | null;
}

export interface EnrolParts {
  /** Null: go on with the coordinator that is known. */
  readonly code: PairingCode | null;
  readonly introduced: Introduction;
  /** What the owner allows, also where it cannot be done at the moment. */
  readonly terms: TaskTerms | null;
  readonly tasks: OwnTasks;
  readonly log: Log;
  readonly stop: StopWatch;
}

interface PairParts extends EnrolParts {
  readonly code: PairingCode;
  readonly key: SigningKey;
}

/** The trust to run under: the one that is known, on the terms of today, or one that the code makes now. */
export async function enrol(around: Surroundings, known: Trust | null, parts: EnrolParts): Promise<Result<Enrolled>> {
  const { home } = around;
  const { code, terms } = parts;
  const opened = openAgentKey(home.folder);
  if (!opened.ok) return opened;
  const key = opened.value;
  if (known === null) {
    return code === null
      ? fail(
          'invalid-argument',
          `This machine has not joined yet. Give the code: \`${commandLine(around, 'join CODE')}\`.`,
        )
      : pair(around, { ...parts, code, key });
  }
  if (code !== null && (known.listening !== null || known.fingerprint !== toBase64Url(code.fingerprint))) {
    const whose = known.listening === null ? 'another coordinator' : 'a coordinator that dials it';
    return fail(
      'not-permitted',
      `This machine belongs to ${whose} (${coordinatorText(known)}). Run \`${commandLine(around, 'leave')}\` first.`,
    );
  }
  const kept = keepTerms(home, known, { ...known, tasks: terms });
  if (!kept.ok) return kept;
  const trust = kept.value;
  return code === null
    ? ok({ trust, key, first: null, arrivals: null })
    : joinAgain(around, trust, { ...parts, code, key });
}

/** The trust as it is from now on; says what changes for tasks. */
export function keepTerms(home: Home, known: Trust, trust: Trust): Result<Trust> {
  const written = JSON.stringify(known) === JSON.stringify(trust) ? ok(null) : writeTrust(home, trust);
  if (!written.ok) return written;
  const isOther = JSON.stringify(known.tasks) !== JSON.stringify(trust.tasks);
  if (isOther) say(`From now on this machine ${taskWords(trust.tasks)}.`);
  return ok(trust);
}

async function pair(around: Surroundings, parts: PairParts): Promise<Result<Enrolled>> {
  const { code, key, introduced, log, stop } = parts;
  const given = new AbortController();
  void stop.stopped.then(() => given.abort());
  const places = [{ addresses: code.addresses, port: code.port }];
  const as = { kind: 'invited', secret: code.secret } as const;
  const meeting = { ...introduced, key, fingerprint: code.fingerprint, as };
  const reached = await reachCoordinator({ places, meeting, signal: given.signal });
  if (reached.kind === 'failed') return { ok: false, error: reached.failure };
  if (reached.kind === 'refused') return fail('not-permitted', reached.refusal.message);
  const { workerId, name, level, addresses, port } = reached.meeting.welcome;
  const trust: Trust = {
    ...{ workerId, name, level, places: [{ addresses, port }, ...places], proven: reached.place },
    fingerprint: toBase64Url(code.fingerprint),
    pairedAtMs: systemClock.nowMs(),
    clockDifferenceMs: 0,
    tasks: parts.terms,
    listening: null,
  };
  const written = writeTrust(around.home, trust);
  if (!written.ok) {
    reached.link.dispose();
    return written;
  }
  log.info('Joined.', { name, address: reached.link.peerAddress });
  tellJoined(around, trust, key);
  return ok({ trust, key, first: reached, arrivals: null });
}

/**
 * The command was pasted once more. Nothing new where the coordinator knows this worker still; where it was removed
 * there, the new code lets it in as a new one, with a new key, for the old one is refused for ever.
 */
async function joinAgain(around: Surroundings, trust: Trust, parts: PairParts): Promise<Result<Enrolled>> {
  const { home } = around;
  const { key, introduced, tasks, log } = parts;
  const reached = await reachCoordinator({
    places: [trust.proven, ...trust.places],
    meeting: {
      ...{ ...introduced, key, fingerprint: fromBase64Url(trust.fingerprint)! },
      as: { kind: 'enrolled', workerId: trust.workerId },
    },
    signal: new AbortController().signal,
  });
  if (reached.kind === 'welcome') {
    say(`This machine has joined already, as ${trust.name}; the code was not needed.`);
    return ok({ trust, key, first: reached, arrivals: null });
  }
  if (reached.kind === 'refused' && isForgotten(reached.refusal)) {
    log.info('Joining anew.', { reason: reached.refusal.message });
    if (tasks.desk !== null && !(await tasks.desk.endAll())) say(TASKS_STAY);
    forget(home);
    const newKey = openAgentKey(home.folder);
    return newKey.ok ? pair(around, { ...parts, key: newKey.value }) : newKey;
  }
  return reached.kind === 'refused' && reached.refusal.isFinal
    ? fail('not-permitted', reached.refusal.message)
    : ok({ trust, key, first: null, arrivals: null });
}

/** Of the old trust nothing stays: neither its key nor what was read for it. */
function forget({ folder, trustFile, spoolFolder }: Home): void {
  for (const path of [trustFile, pathOf(folder, 'agent-key.pem'), spoolFolder]) {
    rmSync(path, { recursive: true, force: true });
  }
}

export function tellJoined(around: Surroundings, trust: Trust, key: SigningKey): void {
  const fingerprint = fingerprintText(nodeCryptography.sha256(key.publicKey));
  say(`Joined ${coordinatorText(trust)} as ${trust.name}.`);
  say(`Key of this machine: ${fingerprint}`);
  say(`It is watched at level ${trust.level} and ${taskWords(trust.tasks)}.`);
  if (trust.tasks === null) say(`To let it run tasks: \`${commandLine(around, 'join --run-tasks')}\`.`);
  say(`Ctrl+C stops; \`${commandLine(around, 'join')}\` goes on.`);
}
