/** Files of tasks in the data folder: what they bring, what they write, what is fetched of them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptId } from '../../core/tasks/task.ts';
import type { Clock } from '../../core/time.ts';
import type { Log, TaskFiles } from '../../engine/ports.ts';
import { createAttemptOutput } from './attempt-output.ts';
import { createFetchedFiles } from './fetched-files.ts';
import { isAttemptId, taskFolders } from './folders.ts';
import { pastBound } from './oldest-first.ts';
import { createTakenFiles } from './taken-files.ts';
import { createTurns } from './turns.ts';

export interface TaskFilesOptions {
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Output kept at most of one attempt: its newest bytes. */
  readonly outputLimitBytes?: number;
}

const OUTPUT_LIMIT_BYTES = 64 * 2 ** 20;

export function createTaskFiles(options: TaskFilesOptions): TaskFiles {
  const { dataDir, clock, log, outputLimitBytes = OUTPUT_LIMIT_BYTES } = options;
  const folders = taskFolders(dataDir);
  const ofOutput = [folders.output];
  const ofFetched = [folders.fetched, folders.fetching];
  const inTurn = createTurns();

  async function remove(attemptIds: readonly AttemptId[], roots: readonly string[]): Promise<void> {
    for (const attemptId of attemptIds.filter(isAttemptId)) {
      try {
        await inTurn(attemptId, async () => {
          for (const root of roots) await rm(join(root, attemptId), { recursive: true, force: true });
        });
      } catch (error) {
        log.warn('Files of a task could not be removed.', { attemptId, reason: (error as Error).message });
      }
    }
  }

  return {
    ...createTakenFiles(folders.brought, clock),
    ...createAttemptOutput(folders.output, outputLimitBytes, inTurn),
    ...createFetchedFiles(folders, inTurn),
    remove: (attemptIds) => remove(attemptIds, [...ofOutput, ...ofFetched]),
    async trim(output, fetched, open) {
      try {
        await remove(await pastBound(ofOutput, output, open), ofOutput);
        await remove(await pastBound(ofFetched, fetched, open), ofFetched);
      } catch (error) {
        log.warn('Old files of tasks could not be looked for.', { reason: (error as Error).message });
      }
    },
  };
}
