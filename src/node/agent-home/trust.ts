/** `coordinator.json`: whom this worker trusts and where to find it, as who it is known there. */
import { existsSync } from 'node:fs';
import { dialPlaceText } from '../../core/fleet/dial-place.ts';
import type { WorkerId } from '../../core/fleet/worker.ts';
import { LEVELS, type Level } from '../../core/metrics/level.ts';
import { fail, ok, type Result } from '../../core/result.ts';
import type { TaskTerms } from '../../core/tasks/terms.ts';
import { fromBase64Url } from '../../shared/protocol/base64url.ts';
import type { Home } from './home.ts';
import { readJson, writeWhole } from './whole-file.ts';

/** Addresses of one coordinator that share a port. */
export interface Place {
  /** Best first. */
  readonly addresses: readonly string[];
  readonly port: number;
}

/** Where this machine waits to be dialled. */
export interface ListeningPlace {
  /** An IP address of this machine, `0.0.0.0` or `::`. */
  readonly address: string;
  readonly port: number;
}

export interface Trust {
  readonly workerId: WorkerId;
  /** What the coordinator calls this worker. */
  readonly name: string;
  readonly level: Level;
  /** SHA-256 of the coordinator's public key, base64url. */
  readonly fingerprint: string;
  /** Where the last link was made: the first to try. */
  readonly proven: Place;
  /** Further places: from the code, and what the coordinator said of itself. */
  readonly places: readonly Place[];
  readonly pairedAtMs: number;
  /** This machine's clock minus the coordinator's. */
  readonly clockDifferenceMs: number;
  /** On what terms its owner lets it run tasks; null: none. */
  readonly tasks: TaskTerms | null;
  /** Where the coordinator dials this machine; null where this machine dials. */
  readonly listening: ListeningPlace | null;
}

/** Null where this machine has not joined. `storage` for a damaged file: a trust must not be lost without a word. */
export function readTrust(home: Home): Result<Trust | null> {
  try {
    const found = readJson(home.trustFile);
    // Files of earlier versions say nothing of tasks, which they did not run, nor of being dialled.
    if (isTrust(found)) return ok({ ...found, tasks: found.tasks ?? null, listening: found.listening ?? null });
    if (found === null && !existsSync(home.trustFile)) return ok(null);
    return fail('storage', `${home.trustFile} is damaged. Remove it, and join again with a new code.`);
  } catch (error) {
    return fail('storage', `${home.trustFile} cannot be read: ${(error as Error).message}.`);
  }
}

/** Whom this machine trusts, as people know it: `192.168.1.20:7461`; without a port where that one dials. */
export function coordinatorText({ proven, listening }: Trust): string {
  return listening === null ? dialPlaceText(proven) : (proven.addresses[0] ?? 'an unknown address');
}

export function listeningText({ address, port }: ListeningPlace): string {
  return dialPlaceText({ addresses: [address], port });
}

/** On disk when this returns. */
export function writeTrust(home: Home, trust: Trust): Result<null> {
  try {
    writeWhole(home.trustFile, `${JSON.stringify(trust, null, 2)}\n`, true);
    return ok(null);
  } catch (error) {
    return fail('storage', `${home.trustFile} cannot be written: ${(error as Error).message}.`);
  }
}

/** A coordinator that moved: known places stay, for it may move back; `told` comes first. */
export function withPlace(places: readonly Place[], told: Place): readonly Place[] {
  const others = places.filter(
    ({ port, addresses }) => port !== told.port || addresses.join() !== told.addresses.join(),
  );
  return [told, ...others].slice(0, MOST_PLACES);
}

const MOST_PLACES = 4;

function isTrust(value: unknown): value is Trust {
  const trust = value as Partial<Trust> | null;
  return (
    typeof trust === 'object' &&
    trust !== null &&
    typeof trust.workerId === 'string' &&
    typeof trust.name === 'string' &&
    LEVELS.includes(trust.level as Level) &&
    typeof trust.fingerprint === 'string' &&
    fromBase64Url(trust.fingerprint)?.length === 32 &&
    isPlace(trust.proven) &&
    Array.isArray(trust.places) &&
    trust.places.every(isPlace) &&
    Number.isFinite(trust.pairedAtMs) &&
    Number.isFinite(trust.clockDifferenceMs) &&
    (trust.tasks == null || isTerms(trust.tasks)) &&
    (trust.listening == null || isListening(trust.listening))
  );
}

/** Damaged terms must never allow more than the owner did. */
function isTerms({ maxParallel, programs, asUser }: Partial<TaskTerms>): boolean {
  return (
    (maxParallel === null || (Number.isSafeInteger(maxParallel) && maxParallel! >= 1)) &&
    (programs === null || (Array.isArray(programs) && programs.every((program) => typeof program === 'string'))) &&
    (asUser === null || typeof asUser === 'string')
  );
}

function isListening({ address, port }: Partial<ListeningPlace>): boolean {
  return typeof address === 'string' && typeof port === 'number';
}

function isPlace(value: unknown): value is Place {
  const place = value as Partial<Place> | null;
  const isText = (address: unknown) => typeof address === 'string';
  return typeof place?.port === 'number' && Array.isArray(place.addresses) && place.addresses.every(isText);
}
