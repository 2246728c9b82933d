/** Descendants of a process, from the kernel's lists of children; where it keeps none, from one look at every process. */
import { existsSync } from 'node:fs';
import { allPids, childrenOf, type ProcessFacts, processFacts } from './process-facts.ts';

/** Parents before their children: what moves from a child to its parent in between is missed, never counted twice. */
export async function familyOf(pid: number, breathe: () => Promise<void>): Promise<readonly ProcessFacts[]> {
  const children = knowsChildren() ? childrenOf : await childrenByParent(breathe);
  const found: ProcessFacts[] = [];
  const pids = [...children(pid)];
  for (const one of pids) {
    const facts = processFacts(one);
    if (facts === null) continue;
    found.push(facts);
    pids.push(...children(one));
    await breathe();
  }
  return found;
}

/** CONFIG_PROC_CHILDREN. */
function knowsChildren(): boolean {
  return existsSync(`/proc/${process.pid}/task/${process.pid}/children`);
}

/** Children by parent, of all processes. */
export async function childrenByParent(breathe: () => Promise<void>): Promise<(pid: number) => readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of allPids()) {
    const parent = processFacts(pid)?.parent;
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
    await breathe();
  }
  return (pid) => children.get(pid) ?? [];
}
