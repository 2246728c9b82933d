/** Whatever ends when: the service, links, workers. Each accepted task ends once, its result is there, nothing is run in secret. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isTaskOver, type TaskId } from '../../../src/core/tasks/task.ts';
import { type TaskDesk, task, taskDesk, unwrap } from './task-desk.ts';

const WORKERS = ['first', 'second', 'third'] as const;

type Mishap =
  | { readonly kind: 'turns'; readonly count: number }
  | { readonly kind: 'crash' }
  | { readonly kind: 'cut' | 'link' | 'lose' | 'step' | 'vanish'; readonly worker: (typeof WORKERS)[number] }
  | { readonly kind: 'disk'; readonly isFull: boolean }
  | { readonly kind: 'submit'; readonly exitCode: number; readonly retries: number }
  | { readonly kind: 'cancel'; readonly pick: number };

const worker = fc.constantFrom(...WORKERS);
const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 8 }) }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('step' as const), worker }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('link' as const), worker }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('lose' as const, 'vanish' as const), worker }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('disk' as const), isFull: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('submit' as const), exitCode: fc.nat(1), retries: fc.nat(1) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), pick: fc.nat(20) }) },
);

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}

async function suffer(desk: TaskDesk, accepted: TaskId[], what: Mishap): Promise<void> {
  switch (what.kind) {
    case 'turns':
      await turns(what.count);
      desk.advance(100);
      return;
    case 'crash':
      await desk.crash();
      return;
    case 'cut':
      desk.agent(what.worker).cut();
      return;
    case 'link':
      desk.link(what.worker);
      return;
    case 'lose':
      // Only who has no link is lost.
      if (!desk.agent(what.worker).isLinked()) desk.service().door.lost(desk.agent(what.worker).workerId);
      return;
    case 'step':
      desk.agent(what.worker).step();
      return;
    case 'vanish': {
      const running = desk
        .agent(what.worker)
        .held()
        .find(({ state }) => state === 'running');
      if (running !== undefined) desk.agent(what.worker).vanish(running.attemptId);
      return;
    }
    case 'disk':
      desk.refuseWrites(what.isFull ? 'disk-full' : null);
      return;
    case 'submit': {
      const { exitCode, retries } = what;
      const plan = { name: 'n', tasks: [task('t', { command: ['exit', `${exitCode}`, 'its output'], retries })] };
      const submitted = await desk.service().submit(JSON.stringify(plan), null);
      if (!submitted.ok) return;
      const page = unwrap(await desk.service().find({ runId: submitted.value.runId, limit: 1 }));
      accepted.push(page.tasks[0]!.taskId);
      return;
    }
    case 'cancel':
      if (accepted.length > 0) void desk.service().cancel(accepted[what.pick % accepted.length]!);
  }
}

/** Everything works from now on: whatever is open comes to an end. */
async function calmDown(desk: TaskDesk, accepted: readonly TaskId[]): Promise<void> {
  desk.refuseWrites(null);
  for (const agent of desk.agents()) if (!agent.isLinked()) agent.link(desk.service().door);
  await desk.until(async () => {
    for (const agent of desk.agents()) agent.step();
    for (const taskId of accepted) {
      const { state } = unwrap(await desk.service().show(taskId)).task;
      if (state === 'parked') unwrap(await desk.service().unpark(taskId));
      if (!isTaskOver(state)) return false;
    }
    // What is shown may be ahead of the disk for a moment; what counts is there.
    const open = unwrap(await desk.store.openTasks());
    return open.runs.length === 0 && desk.agents().every((agent) => agent.held().length === 0);
  });
}

test('each accepted task ends in exactly one state, with its result, and no command begins without its record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mishap, { minLength: 10, maxLength: 80 }), async (mishaps) => {
      const desk = await taskDesk({ first: 1, second: 2, third: 1 });
      const accepted: TaskId[] = [];
      try {
        for (const what of mishaps) await suffer(desk, accepted, what);
        await calmDown(desk, accepted);
        await desk.crash();

        const begun = desk.agents().flatMap((agent) => agent.begun);
        expect(new Set(begun).size).toBe(begun.length);
        expect(desk.agents().flatMap((agent) => agent.wronged)).toEqual([]);
        const recorded = new Set<string>();
        for (const taskId of accepted) {
          const { task: ended, attempts } = unwrap(await desk.service().show(taskId));
          expect(isTaskOver(ended.state)).toBe(true);
          for (const attempt of attempts) {
            recorded.add(attempt.attemptId);
            expect(['placed', 'starting', 'running']).not.toContain(attempt.state);
            if (attempt.end?.how === 'exited') expect(desk.files.outputOf(attempt.attemptId)).toBe('its output');
          }
          const succeeded = attempts.filter(({ state }) => state === 'succeeded');
          expect(succeeded.length).toBe(ended.state === 'succeeded' ? 1 : 0);
        }
        expect(begun.filter((attemptId) => !recorded.has(attemptId))).toEqual([]);
      } finally {
        await desk.service().dispose();
      }
    }),
    { numRuns: 60 },
  );
});
