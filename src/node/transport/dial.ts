/**
 * Finds the coordinator: dials its addresses, each a little after the one before, and takes the first where somebody
 * proves to hold the pinned key.
 *
 * The proof is TLS 1.3 itself: the handshake ends only if the other side signed it with the key of the certificate it
 * showed (RFC 8446, 4.4.3). So it is enough to compare that key with the pin, and nothing is written before that.
 */
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { fail, ok, type Result } from '../../core/result.ts';
import { nodeCryptography, sha256, spkiOf } from './cryptography.ts';

/** RFC 8305, 5: the time between two attempts. */
const STAGGER_MS = 250;

/** How the agent speaks TLS, whoever opened the connection. */
export const CLIENT_TLS: ConnectionOptions = {
  minVersion: 'TLSv1.3',
  // There is no authority to ask; `holdsPinnedKey` decides. No server name: it would be told in clear.
  rejectUnauthorized: false,
  servername: '',
};

export interface DialOptions {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly fingerprint: Uint8Array;
  readonly signal: AbortSignal;
}

/**
 * The socket is connected, its other side holds the key, and nothing was sent. `not-permitted` where only others than the
 * coordinator answer; `unavailable` where nobody does, or `signal` is aborted.
 */
export function dialPinned({ addresses, port, fingerprint, signal }: DialOptions): Promise<Result<TLSSocket>> {
  const race = new AbortController();
  return new Promise((resolve) => {
    const failures: Failed[] = [];
    let started = 0;
    let nextTimer: NodeJS.Timeout | undefined;

    const settle = (result: Result<TLSSocket>): void => {
      clearTimeout(nextTimer);
      signal.removeEventListener('abort', giveUp);
      resolve(result);
      race.abort();
    };
    const giveUp = (): void => settle(fail('unavailable', 'Connecting was given up.'));
    const startNext = (): void => {
      clearTimeout(nextTimer);
      const address = addresses[started];
      if (address === undefined || race.signal.aborted) return;
      started += 1;
      nextTimer = setTimeout(startNext, STAGGER_MS);
      void connectPinned(address, port, fingerprint, race.signal).then((outcome) => {
        if (race.signal.aborted) {
          outcome.socket?.destroy();
          return;
        }
        if (outcome.socket !== null) return settle(ok(outcome.socket));
        failures.push(outcome);
        if (failures.length === addresses.length) settle(failureOf(failures));
        else startNext();
      });
    };
    if (addresses.length === 0) return settle(fail('invalid-argument', 'There is no address to connect to.'));
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp);
    startNext();
  });
}

interface Failed {
  readonly socket: null;
  readonly place: string;
  readonly reason: string;
  readonly isImpostor: boolean;
}
type Outcome = Failed | { readonly socket: TLSSocket };

function connectPinned(address: string, port: number, pin: Uint8Array, signal: AbortSignal): Promise<Outcome> {
  const place = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  return new Promise((resolve) => {
    const socket = connect({ ...CLIENT_TLS, host: address, port });
    const giveUp = (reason: string, isImpostor = false): void => {
      socket.destroy();
      resolve({ socket: null, place, reason, isImpostor });
    };
    const lose = () => giveUp('another address was faster');
    signal.addEventListener('abort', lose);
    // Stays: a socket between two owners must not bring the process down.
    socket.on('error', (error) => giveUp(reasonOf(error)));
    socket.once('close', () => giveUp('it ended the connection'));
    socket.once('secureConnect', () => {
      signal.removeEventListener('abort', lose);
      if (holdsPinnedKey(socket, pin)) resolve({ socket });
      else giveUp('another key than the one trusted', true);
    });
  });
}

export function holdsPinnedKey(socket: TLSSocket, pin: Uint8Array): boolean {
  const certificate = socket.getPeerX509Certificate();
  return certificate !== undefined && nodeCryptography.isEqual(sha256(spkiOf(certificate.publicKey)), pin);
}

function failureOf(failures: readonly Failed[]): Result<never> {
  const impostor = failures.find(({ isImpostor }) => isImpostor);
  if (impostor !== undefined) {
    return fail(
      'not-permitted',
      `What answers at ${impostor.place} is not the coordinator that this machine trusts: it has another key, so nothing ` +
        'was sent. If the coordinator was set up anew, join again with a new code; else someone stands in between.',
    );
  }
  const tried = failures.map(({ place, reason }) => `${place}: ${reason}`).join('; ');
  return fail('unavailable', `The coordinator cannot be reached (${tried}).`);
}

/** In a few words. */
export function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'no such name is known here';
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return 'no way leads there';
    case 'ETIMEDOUT':
      return 'no answer';
    case 'ECONNRESET':
      return 'it ended the connection';
    default:
      return error.code?.startsWith('ERR_SSL') || error.code === 'EPROTO' ? 'no TLS 1.3 there' : error.message;
  }
}
