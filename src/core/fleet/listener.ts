/** Where other machines reach this coordinator, and what a person needs to bring one in. */

/** A network interface of this machine that agents could come in by. */
export interface NetworkInterface {
  readonly name: string;
  readonly address: string;
}

export interface ListenerView {
  /**
   * `resting`: nobody is invited or enrolled, so nothing listens. `failed`: `reason` says why and what to do.
   */
  readonly state: 'resting' | 'listening' | 'failed';
  /** The address listened on, or to be: `127.0.0.1`, one interface's, or `0.0.0.0` for all. */
  readonly address: string;
  /** The port in use, or the one that is set. */
  readonly port: number;
  readonly reason: string | null;
  /** True while only this machine itself can reach it. */
  readonly isLoopbackOnly: boolean;
  /** Those that can be opened, loopback left out. */
  readonly interfaces: readonly NetworkInterface[];
  /** The command that lets the port through this machine's firewall, where one is known to be on; else null. */
  readonly firewallHint: string | null;
}

/** A pairing code, given out once. */
export interface InvitationView {
  readonly invitationId: string;
  readonly code: string;
  /** One line for a machine that has only Node 20 and curl. It ends with the words of `join`: options may follow. */
  readonly command: string;
  /** One line for a machine where labwatch is installed; it ends as the other does. */
  readonly shortCommand: string;
  readonly expiresAtMs: number;
  readonly listener: ListenerView;
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
