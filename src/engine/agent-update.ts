/** The update of one worker's agent: brings the newer program, then waits for the agent's own word of what came of it. */
import type { WorkerEvent } from '../core/metrics/sample.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { type Disposable, MINUTE_MS } from '../core/time.ts';
import { LIMITS } from '../shared/protocol/contract.ts';
import type { Timers } from './ports.ts';
import { toBase64 } from './tasks/base64.ts';
import type { WorkerLine } from './tasks/contract.ts';

/** The agent tries the newer one for a minute at most; the rest is for both to start and to stop. */
const WORD_LIMIT_MS = 2 * MINUTE_MS;

/** The agent's one file, as it is handed out here. */
export interface AgentProgram {
  readonly version: string;
  readonly bytes: Uint8Array;
  /** Hex. */
  readonly sha256: string;
}

export interface AgentUpdate extends Disposable {
  /** Resolves when the worker runs the newer agent, or with why it does not. */
  run(line: WorkerLine, program: AgentProgram): Promise<Result<null>>;
  /** What the worker tells. */
  heard(events: readonly WorkerEvent[]): void;
}

export interface AgentUpdateOptions {
  readonly timers: Timers;
  /** An update began or is over. */
  readonly onChange: (isUpdating: boolean) => void;
}

interface Waiting {
  readonly resolve: (result: Result<null>) => void;
  readonly deadline: Disposable;
}

export function createAgentUpdate({ timers, onChange }: AgentUpdateOptions): AgentUpdate {
  let waiting: Waiting | null = null;

  function settle(result: Result<null>): void {
    const over = waiting;
    waiting = null;
    over?.deadline.dispose();
    if (over !== null) onChange(false);
    over?.resolve(result);
  }

  function wordOfAgent(): Promise<Result<null>> {
    return new Promise((resolve) => {
      const deadline = timers.after(WORD_LIMIT_MS, () => {
        settle(fail('timeout', 'It has not said yet what came of the update; its events will.'));
      });
      waiting = { resolve, deadline };
    });
  }

  return {
    async run(line, program) {
      if (waiting !== null) return fail('unavailable', 'It is being updated already.');
      const word = wordOfAgent();
      onChange(true);
      const brought = await bring(line, program);
      if (!brought.ok) settle(brought);
      return word;
    },
    heard(events) {
      const word = events.find(({ kind }) => kind === 'updated' || kind === 'update-failed');
      if (word !== undefined) settle(word.kind === 'updated' ? ok(null) : fail('internal', word.message));
    },
    dispose: () => settle(fail('unavailable', 'Labwatch ends; what comes of the update its events will tell.')),
  };
}

async function bring(line: WorkerLine, { version, sha256, bytes }: AgentProgram): Promise<Result<null>> {
  const totalBytes = bytes.length;
  for (let offset = 0; offset < totalBytes; offset += LIMITS.pieceBytes) {
    const data = toBase64(bytes.subarray(offset, offset + LIMITS.pieceBytes));
    const brought = await line.ask('update-agent', { version, sha256, offset, totalBytes, data });
    if (!brought.ok) return brought;
  }
  return ok(null);
}
