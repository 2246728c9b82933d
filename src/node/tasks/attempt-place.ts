/** Where everything of one attempt lies: its order, what its supervisor tells, what it writes, its scratch folder. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptOrder, AttemptReport } from '../../core/tasks/attempt.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { isMissing } from '../task-files/file-failure.ts';
import type { TaskUser } from './command-environment.ts';
import { removeScratch } from './scratch-removal.ts';
import { type EndFacts, parseEnd, parseStart, type StartFacts } from './supervisor-facts.ts';

export interface AttemptPlace {
  readonly attemptId: AttemptId;
  readonly folder: string;
  readonly orderFile: string;
  /** Somebody asked for the end: also what begins later ends at once. */
  readonly cancelFile: string;
  readonly stdinFile: string;
  readonly reportFile: string;
  readonly scratch: string;
  /** The scratch folder while it is filled: what its user can reach, the agent never writes into. */
  readonly draft: string;
}

/** `scratchRoot`: where scratch folders lie that are not in the attempt's own folder; null: there. */
export function placeOf(root: string, scratchRoot: string | null, attemptId: AttemptId): AttemptPlace {
  const folder = join(root, attemptId);
  const scratch = scratchRoot === null ? join(folder, 'scratch') : join(scratchRoot, attemptId);
  return {
    attemptId,
    folder,
    orderFile: join(folder, 'order.json'),
    cancelFile: join(folder, 'cancel'),
    stdinFile: join(folder, 'stdin'),
    reportFile: join(folder, 'report.json'),
    scratch,
    draft: `${scratch}.draft`,
  };
}

/**
 * A reader sees all of it or nothing, whatever ends the writer. A power cut may take it: what it tells is over then.
 * Synchronous, as it costs a tenth so: there are hundreds a second.
 */
export function writeAtOnce(path: string, text: string): void {
  writeFileSync(`${path}.draft`, text, { mode: 0o600 });
  renameSync(`${path}.draft`, path);
}

/** Of a draft only a part is there, which is no JSON: nobody takes it for an order. */
export function writeOrder(place: AttemptPlace, order: AttemptOrder): void {
  writeFileSync(place.orderFile, JSON.stringify(order), { mode: 0o600 });
}

export async function readOrder(place: AttemptPlace): Promise<AttemptOrder | null> {
  const [order = ''] = await recordOf(place);
  return parsed<AttemptOrder>(order);
}

export async function readReport(place: AttemptPlace): Promise<AttemptReport | null> {
  return parsed<AttemptReport>((await readText(place.reportFile)) ?? '');
}

export async function readStart(place: AttemptPlace): Promise<StartFacts | null> {
  const [, start] = await recordOf(place);
  return parseStart(start || ((await readText(join(place.folder, 'start'))) ?? ''));
}

export async function readEnd(place: AttemptPlace): Promise<EndFacts | null> {
  const [, , end] = await recordOf(place);
  return parseEnd(end || ((await readText(join(place.folder, 'end'))) ?? ''));
}

/** The order, and below it what its supervisor tells: how it began, how it ended. One in sh has files of its own. */
async function recordOf(place: AttemptPlace): Promise<readonly string[]> {
  return ((await readText(place.orderFile)) ?? '').split('\n');
}

export async function isThere(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null)) !== null;
}

/** Makes the attempt's folder; it may be there already. */
export function makePlace(place: AttemptPlace): void {
  mkdirSync(place.folder, { recursive: true, mode: 0o700 });
}

export async function removePlace({ scratch, draft, folder }: AttemptPlace, user: TaskUser | null): Promise<void> {
  await removeScratch(scratch, user);
  for (const one of [draft, folder]) rmSync(one, { recursive: true, force: true });
}

function parsed<Value>(text: string): Value | null {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return null;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
