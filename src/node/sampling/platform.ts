/** Which collectors there are on this platform. */
import type { Collector } from './collector.ts';
import { linuxCollectors } from './linux/collectors.ts';
import type { ThreadTask } from './wire.ts';

export function platformCollectors(task: ThreadTask): readonly Collector[] {
  return linuxCollectors({ proc: task.procRoot, sys: task.sysRoot });
}
