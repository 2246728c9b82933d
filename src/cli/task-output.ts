/** `labwatch task output`: what an attempt wrote, once or for as long as it goes on. */
import { setTimeout as wait } from 'node:timers/promises';
import { formatBytes } from '../core/metrics/format.ts';
import { fail, ok, type Result } from '../core/result.ts';
import { isTaskOver } from '../core/tasks/task.ts';
import type { ControlClient } from '../node/control-socket-client.ts';
import { createTerminalOutput } from './terminal-output.ts';

/** While nothing new has come. */
const LOOK_EVERY_MS = 250;

export interface OutputChoices {
  /** Null: the newest. */
  readonly attempt: number | null;
  /** Until the attempt has ended, and before that until it begins. */
  readonly isFollowed: boolean;
}

/** Bytes go to a pipe or a file as they are, to a terminal as text that it cannot obey. */
export async function printOutput(
  client: ControlClient,
  task: string,
  { attempt, isFollowed }: OutputChoices,
): Promise<Result<null>> {
  if (isFollowed) {
    const begun = await untilBegun(client, task);
    if (!begun.ok) return begun;
  }
  const text = process.stdout.isTTY ? createTerminalOutput() : null;
  let number = attempt;
  let offset = 0;
  for (;;) {
    const piece = await client.call('task.output', { task, attempt: number, offset });
    if (!piece.ok) return piece;
    const { attemptId, fromOffset, data, totalBytes, isComplete } = piece.value;
    // A retry while it is read is another attempt, with an output of its own.
    number ??= Number(attemptId.slice(attemptId.lastIndexOf('.') + 1));
    const bytes = Buffer.from(data, 'base64');
    if (fromOffset > offset) {
      process.stderr.write(`labwatch: ${formatBytes(fromOffset - offset)} of it were not kept and are missing here.\n`);
    }
    await write(text === null ? bytes : text.push(bytes));
    offset = fromOffset + bytes.length;
    if (bytes.length > 0 && offset < totalBytes) continue;
    if (!isFollowed || isComplete) break;
    if (bytes.length === 0) await wait(LOOK_EVERY_MS);
  }
  if (text !== null) await write(text.end());
  return ok(null);
}

/** Fails for a task that ended without ever beginning. */
async function untilBegun(client: ControlClient, task: string): Promise<Result<null>> {
  for (;;) {
    const shown = await client.call('task.show', { task });
    if (!shown.ok) return shown;
    const { view, attempts } = shown.value;
    if (attempts.length > 0) return ok(null);
    if (isTaskOver(view.state)) return fail('not-found', `“${view.name}” ended without beginning: it wrote nothing.`);
    await wait(LOOK_EVERY_MS);
  }
}

/** As fast as it is read. */
async function write(text: string | Uint8Array): Promise<void> {
  if (text.length === 0 || process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}
