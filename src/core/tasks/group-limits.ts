/** How many tasks of a group are under way, and how many may be: the smallest limit of those that are not over. */
import { isTaskOver, type TaskSpec, type TaskState } from './task.ts';

export interface GroupLimits {
  /** A task came (`before` null), changed its state, or went (`after` null). */
  moved(spec: TaskSpec, before: TaskState | null, after: TaskState | null): void;
  /** A sentence where no further task of the group may begin; null where one may. */
  objectionTo(group: string): string | null;
}

interface Group {
  underWay: number;
  /** How many open tasks name each limit. */
  readonly limits: Map<number, number>;
}

export function isUnderWay(state: TaskState): boolean {
  return state === 'placed' || state === 'running';
}

export function createGroupLimits(): GroupLimits {
  const groups = new Map<string, Group>();

  function count(limits: Group['limits'], limit: number, difference: number): void {
    const counted = (limits.get(limit) ?? 0) + difference;
    if (counted > 0) limits.set(limit, counted);
    else limits.delete(limit);
  }

  return {
    moved({ group: name, groupLimit }, before, after) {
      if (name === null) return;
      const group = groups.get(name) ?? { underWay: 0, limits: new Map() };
      groups.set(name, group);
      for (const [state, difference] of [
        [before, -1],
        [after, 1],
      ] as const) {
        if (state === null) continue;
        if (isUnderWay(state)) group.underWay += difference;
        if (groupLimit !== null && !isTaskOver(state)) count(group.limits, groupLimit, difference);
      }
      if (group.underWay === 0 && group.limits.size === 0) groups.delete(name);
    },
    objectionTo(name) {
      const group = groups.get(name);
      if (group === undefined || group.limits.size === 0) return null;
      const limit = Math.min(...group.limits.keys());
      if (group.underWay < limit) return null;
      return `The group “${name}” has ${group.underWay} under way, and may have ${limit} at once.`;
    },
  };
}
