/** What is kept reaches the disk in order, together where it can, and nothing follows from it before. */
import { describe, expect, onTestFinished, test } from 'vitest';
import { fail, ok, type Result } from '../../../src/core/result.ts';
import type { TaskChange } from '../../../src/core/tasks/stimulus.ts';
import type { TaskRecords, TaskState } from '../../../src/core/tasks/task.ts';
import { createLedger } from '../../../src/engine/tasks/ledger.ts';
import { aTask, records } from '../../node/storage/task-records.ts';
import { fakeTime } from '../fake-time.ts';
import { settle } from '../memory-link.ts';

/** A change that moves one task. */
function change(sequence: number, state: TaskState): TaskChange {
  return { changed: records({ tasks: [aTask(sequence, { state })] }), effects: [] };
}

const summaryOf = ({ tasks }: TaskRecords) => tasks.map(({ sequence, state }) => `${sequence} ${state}`).join(', ');

function build() {
  const time = fakeTime();
  const written: string[] = [];
  const kept: string[] = [];
  const logged: string[] = [];
  let answer: Result<null> = ok(null);
  const log = (message: string) => void logged.push(message);
  const ledger = createLedger({
    store: {
      async saveTasks(changed) {
        written.push(summaryOf(changed));
        await settle();
        return answer;
      },
    },
    timers: time.timers,
    log: { info: log, warn: log, error: log },
    onKept: (changes) => void kept.push(...changes.map(({ changed }) => summaryOf(changed)).filter(Boolean)),
  });
  onTestFinished(() => ledger.dispose());
  return {
    ...time,
    ledger,
    written,
    kept,
    logged,
    answerWith(next: Result<null>) {
      answer = next;
    },
  };
}

describe('the ledger', () => {
  test('writes what comes in one turn together, and what comes meanwhile behind it, each record once and newest', async () => {
    const { ledger, written, kept } = build();
    void ledger.keep(change(1, 'placed'));
    const first = ledger.keep(change(2, 'placed'));
    await Promise.resolve();
    await Promise.resolve();
    void ledger.keep(change(1, 'running'));
    void ledger.keep(change(1, 'succeeded'));
    expect(kept).toEqual([]);
    expect(await first).toEqual(ok(null));
    await ledger.kept();
    expect(written).toEqual(['1 placed, 2 placed', '1 succeeded']);
    expect(kept).toEqual(['1 placed', '2 placed', '1 running', '1 succeeded']);
    expect(ledger.isIdle()).toBe(true);
  });

  test('writes nothing for a change without records, which still waits for those before it', async () => {
    const { ledger, written, kept } = build();
    void ledger.keep(change(1, 'placed'));
    await ledger.keep({ changed: records({}), effects: [] });
    expect(kept).toEqual(['1 placed']);
    await ledger.keep({ changed: records({}), effects: [] });
    await ledger.tried();
    expect(written).toEqual(['1 placed']);
  });

  test('tries again what the disk refuses, later each time, in order and with all that came since', async () => {
    const { ledger, written, kept, logged, answerWith, advance } = build();
    answerWith(fail('disk-full', 'The disk is full.'));
    expect(await ledger.keep(change(1, 'placed'))).toMatchObject({ error: { code: 'disk-full' } });
    expect(await ledger.keep(change(1, 'running'))).toMatchObject({ error: { code: 'disk-full' } });
    expect(ledger.fault()?.message).toBe('The disk is full.');
    for (const waitMs of [1_000, 2_000, 4_000]) {
      advance(waitMs - 1);
      await settle();
      const before = written.length;
      advance(1);
      await settle();
      await settle();
      expect(written.length).toBe(before + 1);
    }
    expect([kept, ledger.isIdle()]).toEqual([[], false]);
    answerWith(ok(null));
    advance(8_000);
    await ledger.kept();
    expect(written.at(-1)).toBe('1 running');
    expect(kept).toEqual(['1 placed', '1 running']);
    expect(logged).toEqual(['Tasks cannot be stored; nothing starts until they can.', 'Tasks are stored again.']);
    expect(ledger.fault()).toBeNull();
  });

  test('that ends says so to whoever waits, tells of nothing more, and leaves no timer', async () => {
    const { ledger, kept, answerWith, advance, pending } = build();
    const underWay = ledger.keep(change(1, 'placed'));
    await Promise.resolve();
    await Promise.resolve();
    const waiting = ledger.keep(change(1, 'running'));
    answerWith(fail('disk-full', 'The disk is full.'));
    ledger.dispose();
    expect(await waiting).toMatchObject({ error: { code: 'unavailable' } });
    expect(await underWay).toMatchObject({ error: { code: 'disk-full' } });
    advance(60_000);
    await settle();
    expect([kept, pending()]).toEqual([[], 0]);
  });
});
