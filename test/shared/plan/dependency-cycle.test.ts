import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dependencyCycle } from '../../../src/shared/plan/dependency-cycle.ts';

describe('a cycle of tasks', () => {
  test('is told from its first task back to it', () => {
    const tasks = [
      { name: 'start', after: [] },
      { name: 'a', after: ['start', 'c'] },
      { name: 'b', after: ['a'] },
      { name: 'c', after: ['start', 'b'] },
    ];
    expect(dependencyCycle(tasks)).toEqual(['a', 'c', 'b', 'a']);
  });

  test('is found where there is one, and nowhere else', () => {
    const links = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 });
    fc.assert(
      fc.property(links, (pairs) => {
        const tasks = Array.from({ length: 7 }, (_, task) => ({
          name: String(task),
          after: pairs.filter(([from]) => from === task).map(([, to]) => String(to)),
        }));
        const cycle = dependencyCycle(tasks);
        if (cycle === null) expect(isOrderable(tasks)).toBe(true);
        else {
          expect(cycle.length).toBeGreaterThan(1);
          expect(cycle.at(-1)).toBe(cycle[0]);
          for (const [place, name] of cycle.slice(1).entries())
            expect(tasks[Number(cycle[place])]?.after).toContain(name);
        }
      }),
    );
  });
});

/** Kahn's way: whatever waits for nothing that is left goes, until nothing is left. */
function isOrderable(tasks: readonly { readonly name: string; readonly after: readonly string[] }[]): boolean {
  let left = [...tasks];
  for (;;) {
    const names = new Set(left.map(({ name }) => name));
    const waiting = left.filter(({ after }) => after.some((name) => names.has(name)));
    if (waiting.length === left.length) return left.length === 0;
    left = waiting;
  }
}
