/** What the window may send about tasks: the right arguments pass unchanged, everything else is refused. */
import { describe, expect, test } from 'vitest';
import { CALL_ARGUMENTS } from '../../../src/shared/ipc/schemas.ts';
import { MOST_PLAN_CHARACTERS } from '../../../src/shared/plan/schema.ts';

type Name = keyof typeof CALL_ARGUMENTS;

describe('the window’s calls about tasks', () => {
  test.each<readonly [Name, readonly unknown[]]>([
    ['tasks:submit', ['{"tasks":[]}', null]],
    ['tasks:submit', ['no plan at all: the plan’s own rules say so', '/home/lab/plans']],
    ['tasks:find', [{ limit: 200 }]],
    [
      'tasks:find',
      [{ runId: 'r', workerId: 'w', states: ['queued', 'parked'], search: '<b>', beforeSequence: 9, limit: 1 }],
    ],
    ['attempts:between', [{ fromMs: 0, toMs: 1.5, limit: 10_000 }]],
    ['attempts:between', [{ fromMs: 5, toMs: 6, workerId: 'w', limit: 1 }]],
    ['tasks:runs', [100]],
    ['task:show', ['0123456789']],
    ['task:output', ['0123456789.1', -65_536]],
    ['task:cancel', ['0123456789']],
    ['task:retry', ['0123456789']],
    ['task:unpark', ['0123456789']],
    ['run:cancel', ['0123456789']],
    ['task:open-files', ['0123456789.12']],
    ['worker:set-admission', ['w', 'draining']],
    ['worker:update-agent', ['w']],
  ])('%s is taken as it is: %j', (name, args) => {
    expect(CALL_ARGUMENTS[name].parse(args)).toEqual(args);
  });

  test.each<readonly [Name, readonly unknown[]]>([
    ['tasks:submit', ['{}']],
    ['tasks:submit', [{ tasks: [] }, null]],
    ['tasks:submit', ['x'.repeat(MOST_PLAN_CHARACTERS + 1), null]],
    ['tasks:submit', ['{}', '']],
    ['tasks:find', [{}]],
    ['tasks:find', [{ limit: 1_001 }]],
    ['tasks:find', [{ limit: 1.5 }]],
    ['tasks:find', [{ limit: 1, states: ['lost'] }]],
    ['tasks:find', [{ limit: 1, sql: 'drop table' }]],
    ['attempts:between', [{ fromMs: 6, toMs: 6, limit: 1 }]],
    ['attempts:between', [{ fromMs: 0, toMs: 1, limit: 10_001 }]],
    ['attempts:between', [{ fromMs: Number.NaN, toMs: 1, limit: 1 }]],
    ['tasks:runs', [0]],
    ['task:show', ['']],
    ['task:show', ['x'.repeat(65)]],
    ['task:output', ['a.1', 0.5]],
    ['task:output', ['a.1', Number.NaN]],
    ['task:open-files', [null]],
    ['worker:set-admission', ['w', 'closed']],
    ['worker:update-agent', ['w', '2.0.0']],
  ])('%s is refused with other arguments', (name, args) => {
    expect(CALL_ARGUMENTS[name].safeParse(args).success).toBe(false);
  });
});
