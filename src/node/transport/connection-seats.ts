/**
 * How many may be connected, and for how long without having said what they want.
 *
 * Whoever can reach the port costs a socket and a TLS handshake before anything about them is known. So there are seats:
 * in all, for one address, and fewer for those of one address that are not links yet. A seat without a link is taken away
 * at its deadline, however busily it drips bytes.
 */
import type { Socket } from 'node:net';
import { neighbourhoodOf } from './ip-address.ts';

export interface SeatLimits {
  readonly connections: number;
  readonly connectionsPerAddress: number;
  /** Of these, how many may be connected without being a link. */
  readonly strangersPerAddress: number;
  /** From the first packet until the request is whole, the TLS handshake included. */
  readonly requestMs: number;
}

/** A socket as far as it matters here: a raw one, or the TLS socket above it. */
type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export interface Seats {
  /** Until the socket closes. False: none is free, or the socket is closed already. */
  take(socket: Socket): boolean;
  /** Gives the seat another deadline, from now. False: it had that already, or has no seat. */
  allow(peer: Peer, forMs: number): boolean;
  /** A link may stay. */
  becomeLink(peer: Peer): void;
  /** Destroys every connection that is not a link. */
  clear(): void;
}

interface Seat {
  readonly socket: Socket;
  readonly neighbourhood: string;
  isLink: boolean;
  isAllowed: boolean;
  timer: NodeJS.Timeout;
}

export function createSeats(limits: SeatLimits): Seats {
  const seats = new Map<string, Seat>();
  const counts = new Map<string, { all: number; strangers: number }>();

  const countsOf = (neighbourhood: string) => counts.get(neighbourhood) ?? { all: 0, strangers: 0 };
  const count = (neighbourhood: string, all: number, strangers: number): void => {
    const before = countsOf(neighbourhood);
    const after = { all: before.all + all, strangers: before.strangers + strangers };
    if (after.all === 0) counts.delete(neighbourhood);
    else counts.set(neighbourhood, after);
  };
  const hasRoom = (neighbourhood: string): boolean => {
    const { all, strangers } = countsOf(neighbourhood);
    const isFull = seats.size >= limits.connections || all >= limits.connectionsPerAddress;
    return !isFull && strangers < limits.strangersPerAddress;
  };
  const leave = (key: string, seat: Seat): void => {
    clearTimeout(seat.timer);
    seats.delete(key);
    count(seat.neighbourhood, -1, seat.isLink ? 0 : -1);
  };
  const deadline = (socket: Socket, ms: number) => setTimeout(() => socket.destroy(), ms);

  return {
    take(socket) {
      const key = keyOf(socket);
      const neighbourhood = neighbourhoodOf(socket.remoteAddress ?? '');
      if (key === null || !hasRoom(neighbourhood)) return false;
      const seat = {
        socket,
        neighbourhood,
        isLink: false,
        isAllowed: false,
        timer: deadline(socket, limits.requestMs),
      };
      seats.set(key, seat);
      count(neighbourhood, 1, 1);
      socket.once('close', () => leave(key, seat));
      return true;
    },
    allow(peer, forMs) {
      const seat = seats.get(keyOf(peer) ?? '');
      if (seat === undefined || seat.isAllowed) return false;
      clearTimeout(seat.timer);
      seat.isAllowed = true;
      seat.timer = deadline(seat.socket, forMs);
      return true;
    },
    becomeLink(peer) {
      const seat = seats.get(keyOf(peer) ?? '');
      if (seat === undefined || seat.isLink) return;
      clearTimeout(seat.timer);
      seat.isLink = true;
      count(seat.neighbourhood, 0, -1);
    },
    clear() {
      for (const seat of seats.values()) if (!seat.isLink) seat.socket.destroy();
    },
  };
}

/** Names one connection among those that are open; null for one that is closed. */
function keyOf({ remoteAddress, remotePort }: Peer): string | null {
  return remoteAddress === undefined || remotePort === undefined ? null : `${remoteAddress} ${remotePort}`;
}
