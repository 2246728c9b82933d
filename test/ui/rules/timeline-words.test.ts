/** What the timeline says of bars, colours of types, the queue, and why an attempt is where it is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import { attemptIdOf } from '../../../src/core/tasks/task.ts';
import type { AttemptView } from '../../../src/core/tasks/view.ts';
import { barRows } from '../../../src/renderer/timeline/bar-rows.ts';
import { barOf, drawnEndMs } from '../../../src/renderer/timeline/bars.ts';
import { lanesOf } from '../../../src/renderer/timeline/lanes.ts';
import { behindWords, filterWords, unlistedWords } from '../../../src/renderer/timeline/placement-words.ts';
import { nextInLine, queueRowTop, waitingAt, waitingReason } from '../../../src/renderer/timeline/queue.ts';
import { barSentence, countInSight, inSightWords } from '../../../src/renderer/timeline/timeline-words.ts';
import { typeColour, withTypes } from '../../../src/renderer/timeline/type-colours.ts';
import { anAttemptView, aTaskView } from '../../support/task-views.ts';
import { taskIdOf } from '../../support/tasks.ts';
import { explanationOf } from '../fake/explanation.ts';

const NOW = new Date(2026, 10, 24, 14, 52).getTime();
const spaced = (text: string) => text.replaceAll('\u00a0', ' ');

function attempt(more: Partial<AttemptView> = {}): AttemptView {
  const times = { placedAtMs: NOW - 61_000, startedAtMs: NOW - 60_000, endedAtMs: NOW - 30_000 };
  return anAttemptView(1, { ...times, name: 'train/vit-b', type: 'train', state: 'succeeded', ...more });
}

describe('a bar', () => {
  it('is read aloud with name, attempt, how it ended, where and when', () => {
    const sentence = barSentence(barOf(attempt({ number: 2, state: 'timed-out' })), 'rig-02', NOW);
    expect(spaced(sentence)).toBe('train/vit-b, attempt 2, timed out after 30 s on rig-02, 14:51:00 to 14:51:30');
    const running = barOf(attempt({ state: 'running', endedAtMs: null }));
    expect(spaced(barSentence(running, 'rig-02', NOW))).toBe(
      'train/vit-b, running for 1 min on rig-02, since 14:51:00',
    );
  });

  it('shows letters that would turn its name by their numbers', () => {
    expect(barSentence(barOf(attempt({ name: 'a\u202eb' })), 'rig', NOW)).toContain('a⟨U+202E⟩b');
  });

  it('begins where it was placed until it has begun, and never ends before it begins', () => {
    expect(barOf(attempt({ state: 'starting', startedAtMs: null, endedAtMs: null }))).toMatchObject({
      ...{ fromMs: NOW - 61_000, toMs: Number.POSITIVE_INFINITY, look: 'coming' },
    });
    expect(barOf(attempt({ endedAtMs: NOW - 90_000 })).toMs).toBe(NOW - 60_000);
    expect(drawnEndMs(barOf(attempt({ endedAtMs: null, startedAtMs: NOW + 5 })), NOW)).toBe(NOW + 5);
  });

  it('is counted with what is in sight, by how it ended', () => {
    const all = (['succeeded', 'failed', 'lost', 'preempted', 'running', 'placed'] as const).map((state, index) => {
      const endedAtMs = state === 'running' || state === 'placed' ? null : NOW;
      return attempt({ state, endedAtMs, attemptId: attemptIdOf(taskIdOf(index), 1) });
    });
    const lanes = lanesOf([{ workerId: workerId('rig'), rows: barRows(all) }]);
    const counts = countInSight(lanes, { fromMs: NOW - 1_000_000, toMs: NOW });
    expect(inSightWords(counts)).toBe('6 attempts: 2 running, 1 failed, 1 lost, 1 stopped and 1 succeeded');
    expect(inSightWords(countInSight(lanes, { fromMs: 0, toMs: 1 }))).toBe('Nothing ran');
  });
});

describe('types', () => {
  it('keep their colour whatever comes later, and differ while there are seven or fewer', () => {
    const names = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 7 });
    fc.assert(
      fc.property(names, names, (first, later) => {
        const known = withTypes([], first);
        const colours = first.map((type) => typeColour(known, type));
        expect(new Set(colours).size).toBe(first.length);
        const more = withTypes(known, later);
        expect(first.map((type) => typeColour(more, type))).toEqual(colours);
        for (const colour of colours) expect(colour).not.toBe(typeColour(known, null));
      }),
    );
  });

  it('are remembered up to a bound, and the list is the same where none is new', () => {
    const known = withTypes(
      [],
      Array.from({ length: 500 }, (_, index) => `type ${index}`),
    );
    expect(known).toHaveLength(200);
    expect(withTypes(known, ['type 3', null, 'type 499'])).toBe(known);
    expect(typeColour(known, 'type 499')).toBe(typeColour(known, 'type 499'));
  });
});

describe('the queue', () => {
  it('has those first that come next: what may begin, by priority, then by age', () => {
    const tasks = [
      aTaskView({ taskId: taskIdOf(4), sequence: 4, state: 'blocked', priority: 90 }),
      aTaskView({ taskId: taskIdOf(3), sequence: 3, priority: 60 }),
      aTaskView({ taskId: taskIdOf(2), sequence: 2 }),
      aTaskView({ taskId: taskIdOf(1), sequence: 1 }),
      aTaskView({ taskId: taskIdOf(5), sequence: 5, state: 'parked' }),
    ];
    expect(nextInLine(tasks).map(({ sequence }) => sequence)).toEqual([3, 1, 2, 5, 4]);
  });

  it('says what each waits for, also where only a person can tell', () => {
    expect(waitingReason(aTaskView({ waitsFor: 'Waits for 2 GPUs.' }))).toBe('Waits for 2 GPUs.');
    expect(waitingReason(aTaskView({ state: 'parked', message: 'Lost on three workers.' }))).toBe(
      'Lost on three workers.',
    );
    expect(waitingReason(aTaskView({ state: 'parked' }))).toBe('waits for a person');
  });

  it('answers the task under a point', () => {
    const shown = [aTaskView({ submittedAtMs: 400 }), aTaskView({ taskId: taskIdOf(2), submittedAtMs: 100 })];
    const plot = { view: { fromMs: 0, toMs: 1_000 }, widthPixels: 1_000, nowMs: 900 };
    const at = (x: number, row: number) => waitingAt(shown, { x, y: queueRowTop(row) + 5 }, plot);
    expect([at(500, 0), at(500, 1), at(300, 0), at(950, 1)]).toEqual([taskIdOf(1), taskIdOf(2), null, null]);
    expect(at(500, 2)).toBeNull();
  });
});

describe('why an attempt is where it is', () => {
  const explanation = explanationOf(1, workerId('00000000-0000-4000-8000-000000000002'), NOW);

  it('names what another worker lost most by, of what counted and by its weight', () => {
    const even = { headroom: 1, fit: 1, speed: 1, reliability: 1, affinity: 1, cost: 1, power: 1 };
    const chosen = { ...explanation.chosen, scores: even };
    const other = (scores: Partial<typeof even>) => ({ ...explanation.chosen, scores: { ...even, ...scores } });
    const words = (scores: Partial<typeof even>) => behindWords({ ...explanation, chosen }, other(scores));
    expect(words({ headroom: 0.6, fit: 0.5 })).toBe('less headroom');
    expect(words({ cost: 0.2 })).toBe('dearer');
    expect(words({ power: 0 })).toBeNull();
    expect(words({})).toBeNull();
    const unknown = { ...explanation.chosen, scores: { ...even, affinity: null } };
    expect(behindWords({ ...explanation, chosen }, unknown)).toBe('not warm');
  });

  it('says of each filter what it asks, and calls one that it does not know by its name', () => {
    expect([filterWords('gpus', 3), filterWords('gpus', 1)]).toEqual(['have too few GPUs', 'has too few GPUs']);
    expect(filterWords('free-places', 1)).toBe('ran as many tasks as it may');
    expect(filterWords('no-such-filter', 2)).toBe('no such filter');
    expect(filterWords('constructor', 2)).toBe('constructor');
  });

  it('counts those that are not listed', () => {
    expect(unlistedWords(explanation)).toBe('2 more could have taken it');
    expect(unlistedWords({ ...explanation, fittingCount: 4 })).toBeNull();
  });
});
