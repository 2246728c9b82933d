/**
 * A newer agent as it comes over the link: gathered, checked, and laid beside the one that runs. Nothing is changed by
 * it; what happens then is `update.ts`.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { realpathSync, rmSync, statSync } from 'node:fs';
import { fail, ok, type Result } from '../core/result.ts';
import { writeWhole } from '../node/agent-home/whole-file.ts';
import { type AgentRequests, LIMITS } from '../shared/protocol/contract.ts';
import type { Surroundings } from './surroundings.ts';
import { errorLine } from './update-words.ts';

/** A program that does not say its version by then is none. */
const PROBE_LIMIT_MS = 15_000;

const OWNER_MAY_WRITE = 0o200;

const BELONGS_TO_ANOTHER =
  'The agent there does not run from a file of its own; update the Labwatch that it belongs to.';
const OWNER_WANTS_NONE = 'The file of the agent there is write-protected: its owner wants no updates.';

type Piece = AgentRequests['update-agent']['params'];

export interface NewerAgent {
  readonly kind: 'update';
  readonly version: string;
}

export interface UpdateReceiver {
  /** The next piece; behind the last one it answers whether the whole of it is a program that runs here. */
  take(piece: Piece): Promise<Result<null>>;
  /** Resolves when a newer agent lies ready to be tried. */
  readonly ready: Promise<NewerAgent>;
}

export function receiveUpdates({ home, agentFile }: Pick<Surroundings, 'home' | 'agentFile'>): UpdateReceiver {
  let gathered = Buffer.alloc(0);
  let isTaken = false;
  let tell: (newer: NewerAgent) => void = () => undefined;
  const ready = new Promise<NewerAgent>((resolve) => {
    tell = resolve;
  });

  async function take({ version, sha256, offset, totalBytes, data }: Piece): Promise<Result<null>> {
    const objection = objectionOf(agentFile, home.agentFile);
    if (objection !== null) return fail('not-permitted', objection);
    if (isTaken) return fail('unavailable', 'The agent there is being updated already.');
    if (totalBytes > LIMITS.agentBytes) return fail('invalid-argument', 'The new agent is too large to be one.');
    if (offset === 0) gathered = Buffer.alloc(0);
    if (offset !== gathered.length) return fail('invalid-argument', 'A piece of the new agent is missing.');
    gathered = Buffer.concat([gathered, Buffer.from(data, 'base64')]);
    if (gathered.length < totalBytes) return ok(null);
    const whole = gathered;
    gathered = Buffer.alloc(0);
    isTaken = true;
    const kept = await keep(whole, { version, sha256, totalBytes });
    if (kept.ok) tell({ kind: 'update', version });
    else isTaken = false;
    return kept;
  }

  async function keep(
    whole: Buffer,
    { version, sha256, totalBytes }: Pick<Piece, 'version' | 'sha256' | 'totalBytes'>,
  ): Promise<Result<null>> {
    const sum = createHash('sha256').update(whole).digest('hex');
    if (whole.length !== totalBytes || sum !== sha256)
      return fail('invalid-argument', 'The new agent did not arrive as it was sent.');
    try {
      writeWhole(home.nextAgentFile, whole, true);
    } catch (error) {
      return fail('storage', `The new agent cannot be kept there: ${(error as Error).message}.`);
    }
    const said = await versionOf(home.nextAgentFile);
    if (said.ok && said.value === version) return ok(null);
    rmSync(home.nextAgentFile, { force: true });
    return said.ok ? fail('invalid-argument', `The new agent says that it is ${said.value}, not ${version}.`) : said;
  }

  return { take, ready };
}

/** Null where the agent that runs is a file in its own home, which its owner lets be replaced. */
function objectionOf(running: string, own: string): string | null {
  try {
    if (realpathSync(running) !== realpathSync(own)) return BELONGS_TO_ANOTHER;
    return (statSync(own).mode & OWNER_MAY_WRITE) === 0 ? OWNER_WANTS_NONE : null;
  } catch {
    return BELONGS_TO_ANOTHER;
  }
}

/** What the program in that file says of itself: whether it runs at all on this machine's Node. */
function versionOf(file: string): Promise<Result<string>> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, '--version'], { timeout: PROBE_LIMIT_MS }, (error, stdout, stderr) => {
      const reason = error?.killed ? 'it does not say its version' : (errorLine(stderr) ?? 'it says nothing');
      const said = stdout.trim().slice(0, 64);
      resolve(
        error === null && said !== ''
          ? ok(said)
          : fail('invalid-argument', `The new agent does not run there: ${reason}.`),
      );
    });
  });
}
