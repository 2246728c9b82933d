/**
 * Everything that tasks take in the coordinator. Imported only by `import()`, when somebody asks for them or the start is
 * over: what is shown first must not wait for it.
 */
import { firstFit } from '../core/scheduling/first-fit.ts';
import { createTaskService, type TaskServiceOptions } from '../engine/tasks/service.ts';
import { createTaskFiles } from '../node/task-files/task-files.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';

type Parts = Omit<TaskServiceOptions, 'files' | 'place' | 'random'>;

export function makeTasks({ dataDir, ...parts }: Parts & { readonly dataDir: string }) {
  const files = createTaskFiles({ dataDir, clock: parts.clock, log: parts.log });
  return createTaskService({ ...parts, files, place: firstFit, random: nodeCryptography.randomBytes });
}
