/** The update of an agent as the coordinator drives it, against an agent that a test plays. */
import { describe, expect, it } from 'vitest';
import { fail, ok, type Result } from '../../src/core/result.ts';
import { createAgentUpdate } from '../../src/engine/agent-update.ts';
import type { WorkerLine } from '../../src/engine/tasks/contract.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { fakeTime } from './fake-time.ts';

const PROGRAM = { version: '2.0.0', sha256: 'a'.repeat(64), bytes: new Uint8Array(2 * LIMITS.pieceBytes + 5).fill(7) };

function open(answer: (asked: number) => Result<null> = () => ok(null)) {
  const time = fakeTime();
  const asked: { readonly offset: number; readonly data: string }[] = [];
  const changes: boolean[] = [];
  const line = {
    async ask(_method: string, params: { readonly offset: number; readonly data: string }) {
      asked.push(params);
      return answer(asked.length);
    },
  } as unknown as WorkerLine;
  const update = createAgentUpdate({ timers: time.timers, onChange: (isUpdating) => changes.push(isUpdating) });
  return { time, asked, changes, line, update };
}

const says = (kind: 'updated' | 'update-failed' | 'started', message: string) => [{ atMs: 1, kind, message }];

describe('the update of an agent', () => {
  it('brings the program in order, whole, and is done at the word of the agent', async () => {
    const { asked, changes, line, update } = open();
    const running = update.run(line, PROGRAM);
    await expect.poll(() => asked.length).toBe(3);
    expect(asked.map(({ offset }) => offset)).toEqual([0, LIMITS.pieceBytes, 2 * LIMITS.pieceBytes]);
    expect(Buffer.concat(asked.map(({ data }) => Buffer.from(data, 'base64'))).equals(PROGRAM.bytes)).toBe(true);
    update.heard(says('started', 'The agent started (version 2.0.0).'));
    expect(changes).toEqual([true]);
    update.heard(says('updated', 'Updated from 1.0.0 to 2.0.0.'));
    expect(await running).toEqual(ok(null));
    expect(changes).toEqual([true, false]);
  });

  it('fails with the words of the agent where the newer one did not come back', async () => {
    const { asked, changes, line, update } = open();
    const running = update.run(line, PROGRAM);
    await expect.poll(() => asked.length).toBe(3);
    update.heard(says('update-failed', 'The update to 2.0.0 did not come back.'));
    expect(await running).toEqual(fail('internal', 'The update to 2.0.0 did not come back.'));
    expect(changes).toEqual([true, false]);
  });

  it('ends at the first piece that is refused, and may be tried again', async () => {
    const { asked, changes, line, update } = open((count) => (count === 2 ? fail('unavailable', 'Cut.') : ok(null)));
    expect(await update.run(line, PROGRAM)).toEqual(fail('unavailable', 'Cut.'));
    expect(asked).toHaveLength(2);
    expect(changes).toEqual([true, false]);
    const again = update.run(line, PROGRAM);
    await expect.poll(() => asked.length).toBe(5);
    update.heard(says('updated', 'Updated.'));
    expect(await again).toEqual(ok(null));
  });

  it('goes on once at a time, and does not wait for ever', async () => {
    const { time, asked, changes, line, update } = open();
    const running = update.run(line, PROGRAM);
    expect(await update.run(line, PROGRAM)).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    await expect.poll(() => asked.length).toBe(3);
    time.advance(119_000);
    expect(changes).toEqual([true]);
    time.advance(2_000);
    expect(await running).toMatchObject({ ok: false, error: { code: 'timeout' } });
    expect(changes).toEqual([true, false]);
    // A word that comes late changes nothing.
    update.heard(says('updated', 'Updated.'));
    expect(changes).toEqual([true, false]);
  });

  it('is over when Labwatch ends', async () => {
    const { line, update } = open();
    const running = update.run(line, PROGRAM);
    update.dispose();
    expect(await running).toMatchObject({ ok: false, error: { code: 'unavailable' } });
  });
});
