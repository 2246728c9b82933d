/** `listen`: like `join`, and the other way round: this machine waits, and the coordinator dials it. */
import { isIP } from 'node:net';
import { type ExitCode, exitCodeOf } from '../core/failure-words.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type JoinOptions, join } from './join.ts';
import { complain } from './speech.ts';
import type { Surroundings } from './surroundings.ts';

export interface ListenOptions extends Omit<JoinOptions, 'code' | 'waits'> {
  /** As typed; undefined: as before, or as usual. */
  readonly address: string | undefined;
  readonly port: string | undefined;
}

/** Exit codes as those of `join`; 3 also where nobody dialled in time. */
export async function listen(around: Surroundings, options: ListenOptions): Promise<ExitCode> {
  const { address, port, ...rest } = options;
  const waits = placeOf(address, port);
  if (waits.ok) return join(around, { ...rest, code: null, waits: waits.value });
  complain(waits.error);
  return exitCodeOf(waits.error);
}

function placeOf(address: string | undefined, port: string | undefined): Result<NonNullable<JoinOptions['waits']>> {
  if (address !== undefined && isIP(address) === 0) {
    return fail('invalid-argument', '--address takes an IP address of this machine, or 0.0.0.0 for all of them.');
  }
  const isPort = port === undefined || (/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535);
  if (!isPort)
    return fail('invalid-argument', `--port takes a whole number from 1 to 65535, not ${JSON.stringify(port)}.`);
  return ok({ address: address ?? null, port: port === undefined ? null : Number(port) });
}
