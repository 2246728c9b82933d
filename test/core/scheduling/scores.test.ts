import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import { createExperience } from '../../../src/core/scheduling/experience.ts';
import type { Candidate } from '../../../src/core/scheduling/place.ts';
import { PROFILE_NAMES, weightsOf } from '../../../src/core/scheduling/profiles.ts';
import { SCORE_NAMES } from '../../../src/core/scheduling/score-names.ts';
import { createMixLearner } from '../../../src/core/scheduling/shape.ts';
import type { AttemptState } from '../../../src/core/tasks/task.ts';
import { durations, explained, NOW_MS, scoresOf } from '../../support/placing.ts';
import { aCandidate, anEnd, aPromise, aSpec, GIB, someNeeds } from '../../support/tasks.ts';

const HOUR_MS = 3_600_000;

function sized(
  number: number,
  cores: number,
  gigabytes: number,
  gpus = 0,
  changes: Partial<Candidate> = {},
): Candidate {
  const list = Array.from({ length: gpus }, (_, index) => ({ index, model: 'RTX 4090', memoryBytes: 24 * GIB }));
  return aCandidate(number, { capacity: { cores, memoryBytes: gigabytes * GIB, gpus: list }, ...changes });
}

function ended(worker: number, state: AttemptState, endedAtMs = NOW_MS, affinityKey: string | null = null) {
  return { workerId: workerId(`w-${worker}`), state, end: anEnd(), endedAtMs, spec: aSpec({ affinityKey }) };
}

function experienced(...lessons: readonly ReturnType<typeof ended>[]) {
  const experience = createExperience();
  for (const lesson of lessons) experience.learn(lesson);
  return experience;
}

describe('headroom', () => {
  test('is the part of the tightest resource that stays free', () => {
    const needs = someNeeds({ cores: 1, memoryBytes: 6 * GIB });
    const scores = scoresOf(explained({ needs }, [sized(1, 4, 8), sized(2, 2, 64)]), 'headroom');
    expect(scores).toEqual({ 'rig-1': 0.25, 'rig-2': 0.5 });
  });

  test('counts GPUs for a task that asks for some', () => {
    const worker = sized(1, 100, 1_000, 4);
    expect(scoresOf(explained({ needs: someNeeds({ gpus: 1 }) }, [worker]), 'headroom')).toEqual({ 'rig-1': 0.75 });
    expect(scoresOf(explained({ needs: someNeeds({ gpus: 0 }) }, [worker]), 'headroom')).toEqual({ 'rig-1': 0.99 });
  });
});

describe('fit', () => {
  test('keeps GPUs whole: a fraction goes to one that is broken already', () => {
    const broken = sized(1, 64, 256, 2, { promised: [aPromise({ gpus: [{ index: 0, share: 0.5 }] })] });
    const fresh = sized(2, 64, 256, 2);
    const { chosen } = explained({ needs: someNeeds({ gpus: 0.5 }) }, [fresh, broken], {
      profile: 'packed',
      weights: weightsOf('packed'),
    });
    expect(chosen.name).toBe('rig-1');
  });

  test('keeps cores for the GPUs beside them: a task without GPUs goes where it strands none', () => {
    const learner = createMixLearner();
    for (let count = 0; count < 50; count += 1) learner.add(someNeeds({ cores: 8, gpus: 1 }));
    const learned = { mix: learner.mix(), profile: 'packed', weights: weightsOf('packed') } as const;
    const [plenty, tight] = [sized(1, 32, 256, 2), sized(2, 16, 256, 2)];
    const { chosen, others } = explained({ needs: someNeeds({ cores: 4 }) }, [tight, plenty], learned);
    expect(chosen.name).toBe('rig-1');
    expect(others[0]?.scores.fit).toBeLessThan(chosen.scores.fit ?? 0);
  });

  test('fills one worker before it begins another', () => {
    const packed = { profile: 'packed', weights: weightsOf('packed') } as const;
    const begun = aCandidate(2, { promised: [aPromise()] });
    expect(explained({}, [aCandidate(1), begun, aCandidate(3)], packed).chosen.name).toBe('rig-2');
  });
});

describe('speed', () => {
  test('is 1 where the task ends first, and half where it takes twice as long', () => {
    const expectations = durations({ 'rig-1': 60_000, 'rig-2': 30_000 });
    const explanation = explained({}, [aCandidate(1), aCandidate(2), aCandidate(3)], { expectations });
    expect(scoresOf(explanation, 'speed')).toEqual({ 'rig-1': 0.5, 'rig-2': 1, 'rig-3': null });
    expect(explanation.assumed).toEqual({ speed: 0.75 });
    expect(explanation).toMatchObject({ chosen: { name: 'rig-2' }, expectedDurationMs: 30_000 });
  });
});

describe('reliability', () => {
  test('is the smoothed rate of success of this kind of task there, its rate anywhere where nothing is known', () => {
    const experience = experienced(ended(1, 'failed'), ended(2, 'succeeded'), ended(2, 'succeeded'));
    const scores = scoresOf(
      explained(
        {},
        [1, 2, 3].map((number) => aCandidate(number)),
        { experience },
      ),
      'reliability',
    );
    expect(scores['rig-1']).toBeLessThan(scores['rig-3']!);
    expect(scores['rig-2']).toBeGreaterThan(scores['rig-3']!);
  });

  test('forgives: what came later counts more', () => {
    const lately = (good: number, bad: number) => [
      ...Array.from({ length: 10 }, () => ended(bad, 'succeeded')),
      ...Array.from({ length: 10 }, () => ended(good, 'failed')),
      ...Array.from({ length: 10 }, () => ended(bad, 'failed')),
      ...Array.from({ length: 10 }, () => ended(good, 'succeeded')),
    ];
    const experience = experienced(...lately(1, 2));
    expect(explained({}, [aCandidate(1), aCandidate(2)], { experience }).chosen.name).toBe('rig-1');
  });

  test('is not touched by what says nothing of the worker', () => {
    const given = { ...ended(1, 'lost'), end: anEnd({ how: 'not-started', exitCode: null }) };
    const experience = experienced(ended(1, 'cancelled'), ended(1, 'preempted'), given);
    expect(explained({}, [aCandidate(1)], { experience }).counted).not.toContain('reliability');
  });
});

describe('affinity', () => {
  test('is 1 where the key was just used, half of it an hour later, and 0 elsewhere', () => {
    const experience = experienced(ended(1, 'succeeded', NOW_MS, 'bert'), ended(2, 'failed', NOW_MS - HOUR_MS, 'bert'));
    const workers = [1, 2, 3].map((number) => aCandidate(number));
    const scores = scoresOf(explained({ affinityKey: 'bert' }, workers, { experience }), 'affinity');
    expect(scores).toEqual({ 'rig-1': 1, 'rig-2': 0.5, 'rig-3': 0 });
    expect(explained({ affinityKey: 'gpt' }, workers, { experience }).counted).not.toContain('affinity');
    expect(explained({}, workers, { experience }).counted).not.toContain('affinity');
  });
});

describe('cost and power', () => {
  test('are least where the part of the worker that the task takes, for as long as it takes, is cheapest', () => {
    const large = sized(1, 16, 64, 0, { pricePerHour: 4 });
    const small = sized(2, 2, 8, 0, { pricePerHour: 1 });
    // A sixteenth of 4 an hour, and half of 1 an hour.
    expect(scoresOf(explained({}, [large, small]), 'cost')).toEqual({ 'rig-1': 1, 'rig-2': 0.5 });
    const expectations = durations({ 'rig-1': 80_000, 'rig-2': 10_000 });
    expect(scoresOf(explained({}, [large, small], { expectations }), 'cost')).toEqual({ 'rig-1': 0.25, 'rig-2': 1 });
  });

  test('come from the watts measured on the worker', () => {
    const watts = (powerWatts: number) => ({
      measured: { attempts: [], others: { cores: 0, memoryBytes: 0 }, powerWatts },
    });
    const workers = [aCandidate(1, watts(300)), aCandidate(2, watts(100)), aCandidate(3)];
    const explanation = explained({}, workers, { profile: 'greenest', weights: weightsOf('greenest') });
    expect(scoresOf(explanation, 'power')).toEqual({ 'rig-1': 0.3333, 'rig-2': 1, 'rig-3': null });
    expect(explanation.chosen.name).toBe('rig-2');
  });

  test('are 1 for what costs nothing, and 0 beside it', () => {
    const workers = [aCandidate(1, { pricePerHour: 0 }), aCandidate(2, { pricePerHour: 2 })];
    expect(scoresOf(explained({}, workers), 'cost')).toEqual({ 'rig-1': 1, 'rig-2': 0 });
  });
});

test('every profile weighs some sub-score, and only balanced weighs them all', () => {
  for (const profile of PROFILE_NAMES) {
    const weights = weightsOf(profile);
    expect(Object.keys(weights)).toEqual(SCORE_NAMES);
    expect(SCORE_NAMES.every((name) => weights[name] > 0)).toBe(profile === 'balanced');
    expect(SCORE_NAMES.some((name) => weights[name] > 0)).toBe(true);
  }
});
