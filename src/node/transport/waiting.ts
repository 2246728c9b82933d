/**
 * The agent's end of links that the coordinator dials: it listens, and whoever connects is treated as if this side had
 * dialled them. Who holds the pinned key is asked for a link; everybody else learns that TLS is spoken here, and no more.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Link, LinkListener } from '../../engine/ports.ts';
import { askForLink } from './client.ts';
import { createSeats, type SeatLimits } from './connection-seats.ts';
import { CLIENT_TLS, holdsPinnedKey } from './dial.ts';
import { startListening } from './tcp-listening.ts';

/** One coordinator comes, and now and then a stranger: there is no reason to keep room for more. */
export const WAITING_LIMITS: SeatLimits = {
  connections: 64,
  connectionsPerAddress: 16,
  strangersPerAddress: 8,
  requestMs: 10_000,
};

export interface WaitOptions {
  /** An IP address of this machine, `0.0.0.0` or `::`. */
  readonly address: string;
  /** 0: any free one. */
  readonly port: number;
  /** SHA-256 of the key to be found there; null while nobody is pinned. Asked for each connection. */
  readonly fingerprint: () => Uint8Array | null;
  readonly onLink: (link: Link) => void;
  readonly limits?: SeatLimits;
}

/**
 * Waits until disposed; the links that came about end with it. Fails with a sentence where the port is taken
 * (`unavailable`), the address is not this machine's (`invalid-argument`), or the port is not for this user
 * (`not-permitted`).
 */
export async function waitForLinks(options: WaitOptions): Promise<Result<LinkListener>> {
  const { address, port, fingerprint, onLink, limits = WAITING_LIMITS } = options;
  const seats = createSeats(limits);
  const links = new Set<Link>();
  const ended = new AbortController();

  async function receive(socket: Socket): Promise<void> {
    socket.on('error', () => socket.destroy());
    if (!seats.take(socket)) return void socket.destroy();
    const tls = connect({ ...CLIENT_TLS, socket });
    tls.on('error', () => socket.destroy());
    tls.once('secureConnect', async () => {
      const pin = fingerprint();
      if (pin !== null && !holdsPinnedKey(tls, pin)) return void socket.destroy();
      const link = await askForLink(tls, ended.signal);
      if (!link.ok) return void socket.destroy();
      seats.becomeLink(socket);
      links.add(link.value);
      socket.once('close', () => links.delete(link.value));
      onLink(link.value);
    });
  }

  const server = createServer({ noDelay: true }, (socket) => void receive(socket));
  const failure = await startListening(server, { address, port }, listenFailure);
  if (failure !== null) return failure;
  let closed: Promise<void> | null = null;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      ended.abort();
      seats.clear();
      for (const link of links) link.dispose();
    });
  return ok({
    address: (server.address() as AddressInfo).address,
    port: (server.address() as AddressInfo).port,
    dispose() {
      closed ??= close();
      return closed;
    },
  });
}

function listenFailure(error: NodeJS.ErrnoException, address: string, port: number) {
  switch (error.code) {
    case 'EADDRINUSE':
      return fail('unavailable', `Another program listens on port ${port} of ${address}. Choose another with --port.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return fail(
        'invalid-argument',
        `This machine does not have the address ${address}. Choose another with --address; 0.0.0.0 is all of them.`,
      );
    case 'EACCES':
    case 'EPERM':
      return fail('not-permitted', `This user may not listen on port ${port}. Choose one above 1023 with --port.`);
    default:
      return fail('unavailable', `Cannot listen on port ${port} of ${address}: ${error.message}.`);
  }
}
