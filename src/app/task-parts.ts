/**
 * Everything that tasks take in the coordinator. Imported only by `import()`, when somebody asks for them or the start is
 * over: what is shown first must not wait for it.
 */
import type { Settings } from '../core/settings/settings.ts';
import { weighingOf } from '../core/settings/weighing.ts';
import { createPolicy } from '../engine/tasks/policy.ts';
import { createTaskService, type TaskServiceOptions } from '../engine/tasks/service.ts';
import { createTaskFiles } from '../node/task-files/task-files.ts';
import { nodeCryptography } from '../node/transport/cryptography.ts';

type Parts = Omit<TaskServiceOptions, 'files' | 'policy' | 'random' | 'settings'> & {
  readonly settings: () => Settings;
};

export function makeTasks({ dataDir, ...parts }: Parts & { readonly dataDir: string }) {
  const files = createTaskFiles({ dataDir, clock: parts.clock, log: parts.log });
  let weighed = { settings: parts.settings(), weighing: weighingOf(parts.settings()) };
  const policy = createPolicy({ weighing, clock: parts.clock });

  /** Asked with each decision, and made anew when the settings are other ones. */
  function weighing() {
    const settings = parts.settings();
    if (weighed.settings !== settings) weighed = { settings, weighing: weighingOf(settings) };
    return weighed.weighing;
  }

  return createTaskService({ ...parts, files, policy, random: nodeCryptography.randomBytes });
}
