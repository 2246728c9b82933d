/** Mistakes that comparable systems made about where a task goes, each by its name. */
import { describe, expect, test } from 'vitest';
import { workerId } from '../../../src/core/fleet/worker.ts';
import { createPlace } from '../../../src/core/scheduling/create-place.ts';
import { createExperience } from '../../../src/core/scheduling/experience.ts';
import type { Candidate, Measured } from '../../../src/core/scheduling/place.ts';
import { aContext, explained, NOW_MS, placeOnce } from '../../support/placing.ts';
import { aCandidate, anEnd, aPromise, aSpec, GIB, someNeeds, taskIdOf } from '../../support/tasks.ts';

function loaded(cores: number, memoryBytes = 0): { readonly measured: Measured } {
  return { measured: { attempts: [], others: { cores, memoryBytes }, powerWatts: null } };
}

/** Places tasks that ask for the same one after another; how many went to each worker. */
function placeMany(
  count: number,
  workers: readonly Candidate[],
  needs = someNeeds(),
): Readonly<Record<string, number>> {
  const place = createPlace();
  const candidates = [...workers];
  const counts: Record<string, number> = {};
  for (let number = 1; number <= count; number += 1) {
    const decision = place({ taskId: taskIdOf(number), spec: aSpec({ needs }) }, candidates, aContext());
    if (decision.kind !== 'placed') continue;
    const at = candidates.findIndex((one) => one.workerId === decision.workerId);
    candidates[at] = { ...candidates[at]!, promised: [...candidates[at]!.promised, decision.promised] };
    counts[candidates[at]!.name] = (counts[candidates[at]!.name] ?? 0) + 1;
  }
  return counts;
}

describe('the trap', () => {
  test('that the first choice is critical, so the task waits although an idle worker stands by', () => {
    const best = aCandidate(1, { capacity: { cores: 64, memoryBytes: 512 * GIB, gpus: [] }, critical: 'at its limit' });
    expect(explained({}, [best, aCandidate(2)])).toMatchObject({
      chosen: { name: 'rig-2' },
      rejected: [{ filter: 'critical', count: 1 }],
    });
  });

  test('that an alternative is scored by another formula, and wins with less to offer', () => {
    const at94 = aCandidate(1, { ...loaded(3.9, 7.52 * GIB), capacity: { cores: 4, memoryBytes: 8 * GIB, gpus: [] } });
    const at90 = aCandidate(2, { ...loaded(3.6, 7.2 * GIB), capacity: { cores: 4, memoryBytes: 8 * GIB, gpus: [] } });
    const needs = someNeeds({ cores: 0.1 });
    for (const workers of [
      [at94, at90],
      [at90, at94],
    ]) {
      const { chosen, others } = explained({ needs }, workers);
      expect(chosen.name).toBe('rig-2');
      expect(chosen.total).toBeGreaterThan(others[0]!.total);
    }
  });

  test('that alternatives skip the hard requirements: compute 9.9 never ends up on a worker without a GPU', () => {
    const needs = someNeeds({ gpus: 1, capabilities: ['gpu.compute>=9.9'] });
    expect(placeOnce({ needs }, [aCandidate(1), aCandidate(2)]).kind).toBe('unplaceable');
    const gpus = [{ index: 0, model: 'H100', memoryBytes: null }];
    const able = aCandidate(3, {
      capabilities: ['gpu.compute=9.9'],
      capacity: { cores: 4, memoryBytes: GIB, gpus },
      promised: [aPromise({ cores: 4 })],
    });
    expect(placeOnce({ needs }, [aCandidate(1), able]).kind).toBe('waits');
  });

  test('of an uncapped memory margin: 512 GB do not beat everything for a task of 4 GB', () => {
    const host = { cores: 64, memoryBytes: 512 * GIB, gpus: [] };
    const large = aCandidate(1, { capacity: host, promised: [aPromise({ cores: 60 })] });
    const idle = aCandidate(2, { capacity: { cores: 16, memoryBytes: 32 * GIB, gpus: [] } });
    const needs = someNeeds({ cores: 1, memoryBytes: 4 * GIB });
    const { chosen, others } = explained({ needs }, [large, idle]);
    expect(chosen.name).toBe('rig-2');
    for (const { scores } of [chosen, ...others]) expect(scores.headroom).toBeLessThanOrEqual(1);
  });

  test('of total instead of free memory', () => {
    const full = aCandidate(1, {
      ...loaded(0, 14 * GIB),
      capacity: { cores: 4, memoryBytes: 16 * GIB, gpus: [] },
    });
    const needs = someNeeds({ memoryBytes: 4 * GIB });
    expect(explained({ needs }, [full, aCandidate(2)]).chosen.name).toBe('rig-2');
    expect(placeOnce({ needs }, [full])).toEqual({
      kind: 'waits',
      reason: 'rig-1 is busy: 4\u00a0GiB of memory are asked for, 2\u00a0GiB are free.',
    });
  });

  test('that nothing is subtracted for what was just placed, so ten tasks land at once on one idle worker', () => {
    expect(
      placeMany(
        10,
        [1, 2, 3, 4, 5].map((number) => aCandidate(number)),
      ),
    ).toEqual({
      'rig-1': 2,
      'rig-2': 2,
      'rig-3': 2,
      'rig-4': 2,
      'rig-5': 2,
    });
    expect(placeMany(10, [aCandidate(1)])).toEqual({ 'rig-1': 4 });
  });

  test('that what an attempt uses beyond its promise is given away again', () => {
    const measured: Measured = {
      attempts: [{ cores: 3, memoryBytes: 6 * GIB }],
      others: { cores: 0, memoryBytes: GIB },
      powerWatts: null,
    };
    const greedy = aCandidate(1, { promised: [aPromise({ cores: 1, memoryBytes: GIB })], measured });
    const short = placeOnce({ needs: someNeeds({ memoryBytes: 2 * GIB }) }, [greedy]);
    expect(short.reason).toBe('rig-1 is busy: 2\u00a0GiB of memory are asked for, 1\u00a0GiB are free.');
    expect(placeOnce({ needs: someNeeds({ cores: 2 }) }, [greedy]).reason).toBe(
      'rig-1 is busy: 2 cores are asked for, 1.5 are free.',
    );
  });

  test('that a machine loaded by something else gets as many tasks as an idle one', () => {
    const eight = { cores: 8, memoryBytes: 32 * GIB, gpus: [] };
    const busy = aCandidate(1, { capacity: eight, ...loaded(4) });
    const idle = aCandidate(2, { capacity: eight, ...loaded(0) });
    const counts = placeMany(12, [busy, idle]);
    expect(counts).toEqual({ 'rig-1': 4, 'rig-2': 8 });
  });

  test('that the noise of an idle machine keeps a task for all of its cores waiting for ever', () => {
    expect(placeOnce({ needs: someNeeds({ cores: 4 }) }, [aCandidate(1, loaded(0.4))]).kind).toBe('placed');
  });

  test('that what was learned is stored and never read', () => {
    const experience = createExperience();
    const spec = aSpec({ affinityKey: 'bert' });
    const last = { end: anEnd(), endedAtMs: NOW_MS, spec };
    experience.learn({ ...last, workerId: workerId('w-3'), state: 'succeeded' });
    const workers = [1, 2, 3, 4].map((number) => aCandidate(number));
    expect(explained(spec, workers, { experience }).chosen.name).toBe('rig-3');
    for (const number of [1, 2, 4]) experience.learn({ ...last, workerId: workerId(`w-${number}`), state: 'failed' });
    expect(explained({}, workers, { experience }).chosen.name).toBe('rig-3');
  });
});

test('equal workers share tasks by chance that follows from task and worker: no worker comes first by its name', () => {
  const workers = [1, 2, 3, 4].map((number) => aCandidate(number));
  const firsts = Array.from({ length: 400 }, (_, index) => {
    const decision = createPlace()({ taskId: taskIdOf(index + 1), spec: aSpec() }, workers, aContext());
    return decision.kind === 'placed' ? decision.workerId : '';
  });
  for (const { workerId: id } of workers) expect(firsts.filter((first) => first === id).length).toBeGreaterThan(60);
});
