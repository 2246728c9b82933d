import { describe, expect, it } from 'vitest';
import { type TaskFlags, taskChoice } from '../../src/worker/task-choice.ts';
import { taskWords } from '../../src/worker/task-words.ts';

const asRoot = { isRoot: () => true, exists: (name: string) => name === 'lab' };
const asAda = { isRoot: () => false, exists: () => true };
const set = (terms: object | null) => ({ ok: true, value: { kind: 'set', terms } });

describe('what an owner says of tasks', () => {
  it('is nothing, that there are none, or on what terms', () => {
    expect(taskChoice({}, asAda)).toEqual({ ok: true, value: { kind: 'keep' } });
    expect(taskChoice({ runTasks: false }, asAda)).toEqual(set(null));
    expect(taskChoice({ runTasks: true }, asAda)).toEqual(set({ maxParallel: null, programs: null, asUser: null }));
    const whole = { runTasks: true, maxParallel: '4', asUser: 'lab', allow: ['pytest', '/usr/bin/python3', 'pytest'] };
    expect(taskChoice(whole, asRoot)).toEqual(
      set({ maxParallel: 4, programs: ['pytest', '/usr/bin/python3'], asUser: 'lab' }),
    );
  });

  it.each<[TaskFlags, RegExp]>([
    [{ maxParallel: '4' }, /^--max-parallel says how tasks are run: give --run-tasks as well\.$/],
    [{ asUser: 'lab' }, /^--as-user says/],
    [{ allow: ['pytest'] }, /^--allow says/],
    [{ runTasks: false, allow: ['pytest'] }, /^--allow says/],
    ...['0', '-1', '1.5', '1e3', 'many', '', '1000000000'].map((maxParallel): [TaskFlags, RegExp] => [
      { runTasks: true, maxParallel },
      /^--max-parallel takes a whole number from 1 on, not ".*"\.$/,
    ]),
    ...['', 'bin/python3', './x', '../x', 'a\0b', 'a\nb'].map((program): [TaskFlags, RegExp] => [
      { runTasks: true, allow: ['pytest', program] },
      /^--allow takes the name of a program \(python3\) or its whole path/,
    ]),
    [{ runTasks: true, allow: Array.from({ length: 65 }, (_, at) => `p${at}`) }, /^--allow may name 64 programs/],
    [{ runTasks: true, allow: ['/a'.repeat(2_000), '/b'.repeat(2_000), '/c'.repeat(2_000)] }, /8,000 characters/],
    ...['nobody-here', '', '-u', 'a:b', 'a/b', 'lab\0'].map((asUser): [TaskFlags, RegExp] => [
      { runTasks: true, asUser },
      /^There is no user ".*" on this machine\. Make one \(`useradd/,
    ]),
  ])('that makes no sense is refused with what to do: %j', (flags, sentence) => {
    expect(taskChoice(flags, asRoot)).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument', message: expect.stringMatching(sentence) },
    });
  });

  it('needs root where tasks are to run as somebody else', () => {
    expect(taskChoice({ runTasks: true, asUser: 'lab' }, asAda)).toMatchObject({
      error: { code: 'not-permitted', message: expect.stringMatching(/^Only root .*sudo, or without --as-user\.$/) },
    });
  });

  it.runIf(process.getuid?.() === 0)('asks the system whether there is such a user', () => {
    expect(taskChoice({ runTasks: true, asUser: 'root' })).toMatchObject({ ok: true });
    expect(taskChoice({ runTasks: true, asUser: 'nobody-of-this-name' })).toMatchObject({ ok: false });
  });

  it('is told in words', () => {
    expect(taskWords({ maxParallel: null, programs: null, asUser: null })).toMatch(
      /^runs tasks as \S.*, as many at once as fit, any program$/,
    );
  });
});
