/**
 * Everything that tasks take in the coordinator. Imported only by `import()`, when somebody asks for them or the start is
 * over: what is shown first must not wait for it.
 */
import type { ProfileName } from '../core/scheduling/profiles.ts';
import { createPolicy } from '../engine/tasks/policy.ts';
import { createTaskService, type TaskServiceOptions } from '../engine/tasks/service.ts';
import { createTaskFiles } from '../node/task-files/task-files.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';

type Parts = Omit<TaskServiceOptions, 'files' | 'policy' | 'random'> & { readonly profile: () => ProfileName };

export function makeTasks({ dataDir, ...parts }: Parts & { readonly dataDir: string }) {
  const files = createTaskFiles({ dataDir, clock: parts.clock, log: parts.log });
  const policy = createPolicy({ profile: parts.profile, clock: parts.clock });
  return createTaskService({ ...parts, files, policy, random: nodeCryptography.randomBytes });
}
