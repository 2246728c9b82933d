/** `join`: brings this machine into a lab with a code, or goes on with the coordinator it has joined. */
import { rmSync } from 'node:fs';
import { join as pathOf } from 'node:path';
import { type ExitCode, exitCodeOf } from '../core/failure-words.ts';
import { fingerprintText } from '../core/fleet/fingerprint.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Log, SigningKey } from '../engine/ports.ts';
import { systemClock } from '../node/system-clock.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { type PairingCode, parsePairingCode } from '../node/transport/pairing-code.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import { runAgent } from './agent.ts';
import { openAgentLog } from './agent-log.ts';
import { type Home, prepareHome } from './home.ts';
import { claimHome } from './home-lock.ts';
import { type Introduction, introduction } from './introduction.ts';
import { type Reached, reachCoordinator } from './reaching.ts';
import { checkService, hasService, installService } from './service.ts';
import { complain, say } from './speech.ts';
import { type StopWatch, watchForStop } from './stop-watch.ts';
import { commandLine, type Surroundings } from './surroundings.ts';
import { readTrust, type Trust, writeTrust } from './trust.ts';

export interface JoinOptions {
  /** As pasted; null: go on with the coordinator this machine has joined. */
  readonly code: string | null;
  /** What the worker is to be called; null: what the machine is called. */
  readonly name: string | null;
  /** Hand over to a systemd unit instead of staying. */
  readonly isService: boolean;
}

type Welcomed = Extract<Reached, { readonly kind: 'welcome' }>;

interface Joined {
  readonly trust: Trust;
  readonly key: SigningKey;
  readonly first: Welcomed | null;
}

/** 0: ended in order; 1: refused, or the work failed; 2: no usable code; 3: nobody reached, or an agent runs here already. */
export async function join(around: Surroundings, options: JoinOptions): Promise<ExitCode> {
  const stop = watchForStop(systemClock);
  const code = options.code === null ? ok(null) : parsePairingCode(options.code);
  if (!code.ok) return refuse(code);
  const service = options.isService ? await checkService(around.home) : ok(null);
  if (!service.ok) return refuse(service);
  const prepared = prepareHome(around.home);
  if (!prepared.ok) return refuse(prepared);
  const introduced = introduction(options.name);
  const claim = await claimHome(around.home, introduced.agentVersion, systemClock);
  if (claim.kind === 'held' && options.isService && options.code === null && hasService(around.home)) {
    // The service itself runs; it is written anew, for the Node that it runs may have moved.
    return install(around);
  }
  if (claim.kind !== 'claimed') return refuse({ error: claim.error });
  const log = openAgentLog(around.home);
  try {
    const joined = await trustFor(around, code.value, introduced, log, stop);
    if (!joined.ok) return refuse(joined);
    if (options.isService) {
      joined.value.first?.link.dispose();
      await claim.lock.dispose();
      return await install(around);
    }
    return await runAgent({ around, ...joined.value, introduction: introduced, log, stop });
  } finally {
    await claim.lock.dispose();
    await log.dispose();
  }
}

async function install(around: Surroundings): Promise<ExitCode> {
  const installed = await installService(around);
  return installed.ok ? 0 : refuse(installed);
}

/** The trust to run under: an old one, or one that the code makes now. */
async function trustFor(
  around: Surroundings,
  code: PairingCode | null,
  introduced: Introduction,
  log: Log,
  stop: StopWatch,
): Promise<Result<Joined>> {
  const { home } = around;
  const known = readTrust(home);
  if (!known.ok) return known;
  const key = openAgentKey(home.folder);
  if (!key.ok) return key;
  const trust = known.value;
  if (code === null) {
    return trust === null
      ? fail(
          'invalid-argument',
          `This machine has not joined yet. Give the code: \`${commandLine(around, 'join CODE')}\`.`,
        )
      : ok({ trust, key: key.value, first: null });
  }
  if (trust === null) return pair(around, { code, key: key.value, introduced, log, stop });
  if (trust.fingerprint !== toBase64Url(code.fingerprint)) {
    const { addresses, port } = trust.proven;
    return fail(
      'not-permitted',
      `This machine belongs to another coordinator (${addresses[0]}:${port}). Run \`${commandLine(around, 'leave')}\` first.`,
    );
  }
  return joinAgain(around, { trust, code, key: key.value, introduced, log, stop });
}

interface PairParts {
  readonly code: PairingCode;
  readonly key: SigningKey;
  readonly introduced: Introduction;
  readonly log: Log;
  readonly stop: StopWatch;
}

async function pair(around: Surroundings, parts: PairParts): Promise<Result<Joined>> {
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
  };
  const written = writeTrust(around.home, trust);
  if (!written.ok) {
    reached.link.dispose();
    return written;
  }
  log.info('Joined.', { name, address: reached.link.peerAddress });
  tellJoined(around, trust, key);
  return ok({ trust, key, first: reached });
}

/**
 * The command was pasted once more. Nothing new where the coordinator knows this worker still; where it was removed
 * there, the new code lets it in as a new one, with a new key, for the old one is refused for ever.
 */
async function joinAgain(around: Surroundings, parts: PairParts & { readonly trust: Trust }): Promise<Result<Joined>> {
  const { home } = around;
  const { trust, key, introduced, log } = parts;
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
    return ok({ trust, key, first: reached });
  }
  if (reached.kind === 'refused' && (reached.refusal.code === 'removed' || reached.refusal.code === 'unknown-worker')) {
    log.info('Joining anew.', { reason: reached.refusal.message });
    forget(home);
    const newKey = openAgentKey(home.folder);
    return newKey.ok ? pair(around, { ...parts, key: newKey.value }) : newKey;
  }
  return reached.kind === 'refused' && reached.refusal.isFinal
    ? fail('not-permitted', reached.refusal.message)
    : ok({ trust, key, first: null });
}

/** Of the old trust nothing stays: neither its key nor what was read for it. */
function forget({ folder, trustFile, spoolFolder }: Home): void {
  for (const path of [trustFile, pathOf(folder, 'agent-key.pem'), spoolFolder]) {
    rmSync(path, { recursive: true, force: true });
  }
}

function tellJoined(around: Surroundings, trust: Trust, key: SigningKey): void {
  const fingerprint = fingerprintText(nodeCryptography.sha256(key.publicKey));
  say(`Joined ${trust.proven.addresses[0]}:${trust.proven.port} as ${trust.name}.`);
  say(`Key of this machine: ${fingerprint}`);
  say(
    `It is watched at level ${trust.level} and runs no tasks. Ctrl+C stops; \`${commandLine(around, 'join')}\` goes on.`,
  );
}

function refuse({ error }: { readonly error: Parameters<typeof complain>[0] }): ExitCode {
  complain(error);
  return exitCodeOf(error);
}
