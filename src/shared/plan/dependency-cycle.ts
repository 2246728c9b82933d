/** Tasks that wait for each other. */

/**
 * A way from some task over what it comes after back to itself, its first name again at the end: `a`, `b`, `a`. Null where
 * there is none. Names are unique; those in `after` that are no task lead nowhere.
 */
export function dependencyCycle(
  tasks: readonly { readonly name: string; readonly after: readonly string[] }[],
): readonly string[] | null {
  const afterByName = new Map(tasks.map(({ name, after }) => [name, after]));
  const settled = new Set<string>();
  for (const { name } of tasks) {
    const cycle = settled.has(name) ? null : cycleFrom(name, afterByName, settled);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Depth first with a stack of its own: a chain may be ten thousand tasks long. */
function cycleFrom(
  start: string,
  afterByName: ReadonlyMap<string, readonly string[]>,
  settled: Set<string>,
): readonly string[] | null {
  const way: { readonly name: string; readonly ahead: Iterator<string> }[] = [];
  const onWay = new Set<string>();
  const enter = (name: string) => {
    onWay.add(name);
    way.push({ name, ahead: (afterByName.get(name) ?? []).values() });
  };
  enter(start);
  for (let last = way.at(-1); last !== undefined; last = way.at(-1)) {
    const { done, value: next } = last.ahead.next();
    if (done) {
      settled.add(last.name);
      onWay.delete(last.name);
      way.pop();
    } else if (onWay.has(next)) {
      const names = way.map(({ name }) => name);
      return [...names.slice(names.indexOf(next)), next];
    } else if (!settled.has(next)) enter(next);
  }
  return null;
}
