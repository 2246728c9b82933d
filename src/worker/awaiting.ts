/** The other way into a lab: this machine waits, shows a code, and the coordinator that knows it dials and is trusted from then on. */
import { fail, ok, type Result } from '../core/result.ts';
import { MINUTE_MS } from '../core/time.ts';
import type { SigningKey } from '../engine/ports.ts';
import { type ListeningPlace, listeningText, type Trust, writeTrust } from '../node/agent-home/trust.ts';
import { systemClock } from '../node/system-clock.ts';
import { systemTimers } from '../node/system-timers.ts';
import { reachableAddresses } from '../node/transport/addresses.ts';
import { openAgentKey } from '../node/transport/agent-key.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';
import { encodeListeningCode } from '../node/transport/listening-code.ts';
import { fromBase64Url, toBase64Url } from '../shared/protocol/base64url.ts';
import { type Arrivals, openArrivals, type Whom } from './arrivals.ts';
import { type Enrolled, type EnrolParts, keepTerms, tellJoined } from './enrolment.ts';
import { say } from './speech.ts';
import { commandLine, type Surroundings } from './surroundings.ts';

/** A code is good for ten minutes (definitions). */
const CODE_LIFETIME_MS = 10 * MINUTE_MS;
/** Loopback and the port after the coordinator's own, unless told. */
const USUAL_PLACE: ListeningPlace = { address: '127.0.0.1', port: 7462 };

export interface AwaitParts extends Omit<EnrolParts, 'code'> {
  /** Where to wait; null: as before, or as usual. */
  readonly address: string | null;
  readonly port: number | null;
}

interface PairParts extends AwaitParts {
  readonly key: SigningKey;
  readonly place: ListeningPlace;
}

/** Under the trust that is known, or the one that comes about now. What is answered has to be disposed of: it listens. */
export async function awaitCoordinator(
  around: Surroundings,
  known: Trust | null,
  parts: AwaitParts,
): Promise<Result<Enrolled>> {
  const opened = openAgentKey(around.home.folder);
  if (!opened.ok) return opened;
  const key = opened.value;
  const before = known?.listening ?? USUAL_PLACE;
  const place = { address: parts.address ?? before.address, port: parts.port ?? before.port };
  if (known === null) return pair(around, { ...parts, key, place });
  if (known.listening === null) {
    return fail(
      'invalid-argument',
      `This machine dials its coordinator: \`${commandLine(around, 'join')}\` goes on. To be dialled instead, run \`${commandLine(around, 'leave')}\` first.`,
    );
  }
  const kept = keepTerms(around.home, known, { ...known, tasks: parts.terms, listening: place });
  if (!kept.ok) return kept;
  const arrivals = await openArrivals({
    ...{ place, log: parts.log, introduction: { ...parts.introduced, key } },
    whom: whomOf(known),
  });
  if (!arrivals.ok) return arrivals;
  say(`Waiting for the coordinator at ${listeningText(arrivals.value.place)}.`);
  return ok({ trust: kept.value, key, first: null, arrivals: arrivals.value });
}

/** The coordinator that is pinned, and nobody else. */
export function whomOf({ fingerprint, workerId }: Trust): Whom & { readonly fingerprint: Uint8Array } {
  return { fingerprint: fromBase64Url(fingerprint)!, as: { kind: 'enrolled', workerId } };
}

async function pair(around: Surroundings, parts: PairParts): Promise<Result<Enrolled>> {
  const { key, place, introduced, log, stop } = parts;
  const secret = nodeCryptography.randomBytes(16);
  const arrivals = await openArrivals({
    ...{ place, log, introduction: { ...introduced, key } },
    whom: firstOneWith(secret),
  });
  if (!arrivals.ok) return arrivals;
  tellCode(arrivals.value.place, secret);
  const over = new AbortController();
  const expiry = systemTimers.after(CODE_LIFETIME_MS, () => over.abort());
  void stop.stopped.then(() => over.abort());
  const paired = await pairOver(around, arrivals.value, parts, over.signal);
  void expiry.dispose();
  if (!paired.ok) await arrivals.value.dispose();
  return paired;
}

/** The first coordinator that proves to know the secret is the only one from then on, also where its link breaks at once. */
function firstOneWith(secret: Uint8Array): Whom {
  let chosen: Uint8Array | null = null;
  return {
    get fingerprint() {
      return chosen;
    },
    as: { kind: 'invited', secret },
    mayTrust(fingerprint) {
      chosen ??= fingerprint;
      return nodeCryptography.isEqual(chosen, fingerprint);
    },
  };
}

async function pairOver(
  around: Surroundings,
  arrivals: Arrivals,
  { key, log, terms }: PairParts,
  signal: AbortSignal,
): Promise<Result<Enrolled>> {
  const reached = await arrivals.next(signal);
  if (reached.kind === 'failed') {
    const again = commandLine(around, 'listen');
    return fail('unavailable', `Nobody has dialled, and the code is good no more. \`${again}\` shows a new one.`);
  }
  if (reached.kind === 'refused') return fail('not-permitted', reached.refusal.message);
  const { workerId, name, level } = reached.meeting.welcome;
  const trust: Trust = {
    ...{ workerId, name, level, places: [], proven: reached.place, listening: arrivals.place },
    fingerprint: toBase64Url(reached.meeting.fingerprint),
    pairedAtMs: systemClock.nowMs(),
    clockDifferenceMs: 0,
    tasks: terms,
  };
  const written = writeTrust(around.home, trust);
  if (!written.ok) return written;
  arrivals.expect(whomOf(trust));
  log.info('Joined.', { name, address: reached.link.peerAddress });
  tellJoined(around, trust, key);
  return ok({ trust, key, first: reached, arrivals });
}

function tellCode(place: ListeningPlace, secret: Uint8Array): void {
  const addresses = reachableAddresses(place.address);
  say('Take this code to where Labwatch runs: Add a worker, or');
  say('');
  say(`  labwatch workers dial ${encodeListeningCode({ secret, addresses, port: place.port })}`);
  say('');
  say(`It is good for one Labwatch and ten minutes. Waiting at ${listeningText(place)}.`);
  if (addresses.join() === place.address && /^(127\.|::1$)/.test(place.address)) {
    say('Only this machine itself can dial it there; --address 0.0.0.0 lets others.');
  }
}
