import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type WorkerId, workerId } from '../../../src/core/fleet/worker.ts';
import { createPlace, type PlaceContext } from '../../../src/core/scheduling/create-place.ts';
import { createExperience } from '../../../src/core/scheduling/experience.ts';
import { type Candidate, type CapacityGpu, NO_EXPECTATIONS } from '../../../src/core/scheduling/place.ts';
import { weightsOf } from '../../../src/core/scheduling/profiles.ts';
import { createMixLearner } from '../../../src/core/scheduling/shape.ts';
import type { Promised, TaskNeeds, TaskSpec } from '../../../src/core/tasks/task.ts';
import { aCandidate, aPromise, aSpec, GIB, someNeeds, taskIdOf } from '../../support/tasks.ts';

const NOBODY: ReadonlySet<never> = new Set();
const CONTEXT: PlaceContext = {
  avoid: NOBODY,
  kept: NOBODY,
  nowMs: 1_000_000,
  profile: 'balanced',
  weights: weightsOf('balanced'),
  mix: createMixLearner().mix(),
  expectations: NO_EXPECTATIONS,
  experience: createExperience(),
};

function gpus(count: number, model = 'NVIDIA GeForce RTX 4090'): readonly CapacityGpu[] {
  return Array.from({ length: count }, (_, index) => ({ index, model, memoryBytes: 24 * GIB }));
}

function withGpus(number: number, count: number, changes: Partial<Candidate> = {}): Candidate {
  return aCandidate(number, { capacity: { cores: 8, memoryBytes: 16 * GIB, gpus: gpus(count) }, ...changes });
}

function place(needs: Partial<TaskNeeds>, candidates: readonly Candidate[], spec: Partial<TaskSpec> = {}) {
  return placeAvoiding(NOBODY, aSpec({ needs: someNeeds(needs), ...spec }), candidates);
}

function placeAvoiding(avoid: ReadonlySet<WorkerId>, spec: TaskSpec, candidates: readonly Candidate[]) {
  return createPlace()({ taskId: taskIdOf(1), spec }, candidates, { ...CONTEXT, avoid });
}

describe('placement', () => {
  test('takes the worker that has room, less what is promised there, and says what was free', () => {
    const full = aCandidate(1, { promised: [aPromise({ cores: 2, memoryBytes: GIB }), aPromise({ cores: 1 })] });
    expect(place({ cores: 2, memoryBytes: 2 * GIB }, [full, aCandidate(2)])).toMatchObject({
      kind: 'placed',
      workerId: workerId('w-2'),
      promised: { cores: 2, memoryBytes: 2 * GIB, gpus: [], gpuMemoryBytes: 0 },
      reason: 'rig-2 is the only worker that could take it: 4 of 4 cores and 8 of 8\u00a0GiB were free.',
    });
    expect(place({ cores: 1 }, [full, aCandidate(2)])).toMatchObject({
      workerId: workerId('w-2'),
      reason:
        'rig-2 scored best of 2 workers that could take it, mostly for headroom (75\u00a0%): 4 of 4 cores and 8 of 8\u00a0GiB were free.',
    });
  });

  test.each<[string, Partial<TaskNeeds>, Partial<Candidate>, string]>([
    ['out of reach', {}, { isReachable: false }, 'rig-1 could take it and is out of reach.'],
    ['paused', {}, { admission: 'paused' }, 'rig-1 could take it and is paused.'],
    ['draining', {}, { admission: 'draining' }, 'rig-1 could take it and is draining.'],
    [
      'in trouble',
      {},
      { trouble: 'The disk is full.' },
      'rig-1 could take it and is left alone for a while, for it answered “The disk is full”.',
    ],
    [
      'at its limit',
      {},
      { critical: 'at its limit: its memory was 95 % full, and must be below 85 % for 10 s' },
      'rig-1 could take it and is at its limit: its memory was 95 % full, and must be below 85 % for 10 s.',
    ],
    ['stale', {}, { isFresh: false }, 'rig-1 could take it and is without fresh figures.'],
    [
      'not known yet',
      {},
      { capacity: { cores: null, memoryBytes: null, gpus: [] } },
      'rig-1 could take it and is still to tell what hardware it has.',
    ],
    [
      'full by its owner’s word',
      {},
      { maxParallel: 1, promised: [aPromise({ cores: 0.1 })] },
      'rig-1 is busy: it runs 1 task, its limit.',
    ],
    [
      'short of cores',
      { cores: 4 },
      { promised: [aPromise({ cores: 2.5 })] },
      'rig-1 is busy: 4 cores are asked for, 1.5 are free.',
    ],
    [
      'short of memory',
      { memoryBytes: 8 * GIB },
      { promised: [aPromise({ memoryBytes: GIB })] },
      'rig-1 is busy: 8\u00a0GiB of memory are asked for, 7\u00a0GiB are free.',
    ],
  ])('waits for a worker that is %s, and says so', (_, needs, changes, reason) => {
    expect(place(needs, [aCandidate(1, changes)])).toEqual({ kind: 'waits', reason });
  });

  test('tells of the most workers with the most that is free on any of them', () => {
    const busy = (number: number, cores: number) => aCandidate(number, { promised: [aPromise({ cores })] });
    const candidates = [busy(1, 3), busy(2, 2.5), aCandidate(3, { admission: 'paused' })];
    expect(place({ cores: 4 }, candidates)).toEqual({
      kind: 'waits',
      reason: '2 workers are busy: 4 cores are asked for, at most 1.5 are free.',
    });
    const paused = [1, 2].map((number) => aCandidate(number, { admission: 'paused' }));
    expect(place({}, [...paused, aCandidate(3, { isReachable: false })]).reason).toBe(
      '2 workers could take it and are paused.',
    );
  });

  test.each<[string, Partial<TaskNeeds>, readonly Candidate[], string]>([
    ['a GPU', { gpus: 1 }, [aCandidate(1), aCandidate(2)], 'No worker has a GPU.'],
    [
      'more GPUs',
      { gpus: 3 },
      [withGpus(1, 2), withGpus(2, 1)],
      'No worker is large enough: 3 GPUs are asked for, at most 2 are there.',
    ],
    [
      'GPU memory',
      { gpus: 1, gpuMemoryBytes: 80 * GIB },
      [withGpus(1, 1)],
      'No worker is large enough: 80\u00a0GiB of GPU memory are asked for, at most 24\u00a0GiB are there.',
    ],
    ['a model', { gpus: 1, gpuModel: 'H100' }, [withGpus(1, 1)], 'No worker has a GPU “H100”.'],
    [
      'memory',
      { memoryBytes: 64 * GIB },
      [aCandidate(1)],
      'No worker is large enough: 64\u00a0GiB of memory are asked for, at most 8\u00a0GiB are there.',
    ],
    [
      'a label',
      { labels: { rack: 'b' } },
      [aCandidate(1, { labels: { rack: 'a' } })],
      'No worker has the label rack=b.',
    ],
    [
      'a capability',
      { capabilities: ['gpu.compute>=9'] },
      [aCandidate(1, { capabilities: ['gpu.nvidia', 'gpu.compute=8.9'] })],
      'No worker has gpu.compute>=9.',
    ],
    [
      'what only a worker has that lacks something else',
      { labels: { rack: 'b' }, memoryBytes: 64 * GIB },
      [aCandidate(1, { labels: { rack: 'b' } }), aCandidate(2)],
      'No worker that fits otherwise is large enough: 64\u00a0GiB of memory are asked for, at most 8\u00a0GiB are there.',
    ],
  ])('is unplaceable at once where no worker has %s, even an empty one', (_, needs, candidates, reason) => {
    expect(place(needs, candidates)).toEqual({ kind: 'unplaceable', reason });
  });

  test('skips no requirement for the sake of a worker that is free', () => {
    const able = withGpus(1, 1, { capabilities: ['gpu.compute=8.9'], promised: [aPromise({ cores: 8 })] });
    const decision = place({ gpus: 1, capabilities: ['gpu.compute>=8.6'] }, [able, aCandidate(2)]);
    expect(decision).toEqual({ kind: 'waits', reason: 'rig-1 is busy: 1 core is asked for, 0 are free.' });
  });

  test('says what to do where no worker runs tasks', () => {
    const reason = 'No worker runs tasks. Join one with --run-tasks.';
    expect(place({}, [])).toEqual({ kind: 'waits', reason });
    expect(place({}, [aCandidate(1, { runsTasks: false })])).toEqual({ kind: 'waits', reason });
  });

  test('sends a program only where its owner allows it', () => {
    const strict = aCandidate(1, { allowedPrograms: ['pytest', '/usr/bin/make'] });
    const spec = (command: readonly string[], isShell = false) => ({ command, isShell });
    expect(place({}, [strict], spec(['pytest', '-q'])).kind).toBe('placed');
    expect(place({}, [strict], spec(['/usr/bin/make'])).kind).toBe('placed');
    expect(place({}, [strict], spec(['make'])).kind).toBe('placed');
    expect(place({}, [strict], spec(['/tmp/pytest']))).toEqual({
      kind: 'unplaceable',
      reason: 'No worker lets tasks run “/tmp/pytest”: their owners allow other programs.',
    });
    expect(place({}, [strict], spec(['pytest'], true)).kind).toBe('unplaceable');
    expect(place({}, [aCandidate(1, { allowedPrograms: ['sh'] })], spec(['echo hi'], true)).kind).toBe('placed');
  });
});

describe('GPUs', () => {
  const taken = (index: number, share: number, gpuMemoryBytes = 0): Promised =>
    aPromise({ cores: 0.1, gpus: [{ index, share }], gpuMemoryBytes });

  test('are promised one by one, whole ones only where nothing of them is promised', () => {
    const worker = withGpus(1, 3, { promised: [taken(0, 0.3)] });
    expect(place({ gpus: 2 }, [worker])).toMatchObject({
      promised: { gpus: [1, 2].map((index) => ({ index, share: 1 })) },
    });
    expect(place({ gpus: 3 }, [worker])).toEqual({
      kind: 'waits',
      reason: 'rig-1 is busy: 3 GPUs are asked for, 2 are free.',
    });
  });

  test('are shared by fractions up to the whole, the fullest that has enough first', () => {
    const worker = withGpus(1, 2, { promised: [taken(1, 0.3), taken(1, 0.3)] });
    expect(place({ gpus: 0.4 }, [worker])).toMatchObject({ promised: { gpus: [{ index: 1, share: 0.4 }] } });
    expect(place({ gpus: 0.5 }, [worker])).toMatchObject({ promised: { gpus: [{ index: 0, share: 0.5 }] } });
    const full = withGpus(1, 1, { promised: [taken(0, 0.6)] });
    expect(place({ gpus: 0.5 }, [full]).reason).toBe('rig-1 is busy: 0.5 GPU is asked for, 0.4 are free.');
  });

  test('lend their memory once', () => {
    const worker = withGpus(1, 1, { promised: [taken(0, 0.2, 20 * GIB)] });
    expect(place({ gpus: 0.2, gpuMemoryBytes: 8 * GIB }, [worker]).kind).toBe('waits');
    expect(place({ gpus: 0.2, gpuMemoryBytes: 4 * GIB }, [worker])).toMatchObject({
      kind: 'placed',
      promised: { gpuMemoryBytes: 4 * GIB },
    });
  });

  test('are told apart by their model', () => {
    const mixed = aCandidate(1, {
      capacity: {
        cores: 8,
        memoryBytes: GIB,
        gpus: [...gpus(1), { index: 1, model: 'NVIDIA H100 PCIe', memoryBytes: null }],
      },
    });
    expect(place({ gpus: 1, gpuModel: 'h100' }, [mixed])).toMatchObject({ promised: { gpus: [{ index: 1 }] } });
    expect(place({ gpus: 1, gpuModel: 'h100', gpuMemoryBytes: GIB }, [mixed]).kind).toBe('unplaceable');
  });
});

describe('a worker where the task ended badly before', () => {
  const avoid = new Set([workerId('w-1')]);
  const spec = aSpec();

  test('is left out while another one can take it, now or later', () => {
    expect(placeAvoiding(avoid, spec, [aCandidate(1), aCandidate(2)])).toMatchObject({ workerId: 'w-2' });
    const busy = aCandidate(2, { promised: [aPromise({ cores: 4 })] });
    expect(placeAvoiding(avoid, spec, [aCandidate(1), busy])).toEqual({
      kind: 'waits',
      reason:
        'rig-2 is busy: 1 core is asked for, 0 are free. rig-1 is left out: an earlier attempt ended badly there.',
    });
  });

  test('is taken where no other could, or none that is in reach', () => {
    expect(placeAvoiding(avoid, spec, [aCandidate(1)])).toMatchObject({ workerId: 'w-1' });
    const away = aCandidate(2, { isReachable: false });
    expect(placeAvoiding(avoid, spec, [aCandidate(1), away])).toMatchObject({ workerId: 'w-1' });
    const small = aCandidate(2, { capacity: { cores: 0.5, memoryBytes: GIB, gpus: [] } });
    expect(placeAvoiding(avoid, spec, [aCandidate(1), small])).toMatchObject({ workerId: 'w-1' });
  });
});

describe('a worker whose room is kept for others', () => {
  const kept = new Set([workerId('w-1')]);
  const spec = aSpec();
  const placeKeeping = (candidates: readonly Candidate[], avoid: ReadonlySet<WorkerId> = NOBODY) =>
    createPlace()({ taskId: taskIdOf(1), spec }, candidates, { ...CONTEXT, avoid, kept });

  test('is left out and counted, also as a last resort', () => {
    expect(placeKeeping([aCandidate(1), aCandidate(2)])).toMatchObject({
      workerId: 'w-2',
      explanation: { fittingCount: 1, rejected: [{ filter: 'kept', count: 1 }] },
    });
    const away = aCandidate(2, { isReachable: false });
    expect(placeKeeping([aCandidate(1), away])).toEqual({
      kind: 'waits',
      reason: 'The only worker that could take it now is kept for tasks that stand before it.',
    });
    expect(placeKeeping([aCandidate(1)], kept).kind).toBe('waits');
    const third = aCandidate(3);
    expect(placeKeeping([aCandidate(1), aCandidate(2), third], new Set([workerId('w-2')]))).toMatchObject({
      workerId: 'w-3',
      explanation: {
        rejected: [
          { filter: 'kept', count: 1 },
          { filter: 'earlier-attempt', count: 1 },
        ],
      },
    });
  });
});

test('whatever is asked for, promises never exceed what a worker has', () => {
  const needs = fc.record({
    cores: fc.constantFrom(0.1, 0.3, 1, 2.5),
    memoryBytes: fc.constantFrom(null, GIB, 5 * GIB),
    gpus: fc.constantFrom(0, 0.1, 0.3, 0.5, 1, 2),
    gpuMemoryBytes: fc.constantFrom(null, 5 * GIB, 20 * GIB),
  });
  fc.assert(
    fc.property(fc.array(needs, { maxLength: 80, size: 'max' }), (all) => {
      let worker = withGpus(1, 3);
      for (const one of all) {
        const decision = place(one, [worker]);
        if (decision.kind === 'placed') worker = { ...worker, promised: [...worker.promised, decision.promised] };
      }
      const sum = (figure: (promised: Promised) => number) =>
        worker.promised.reduce((total, promised) => total + figure(promised), 0);
      expect(sum(({ cores }) => cores)).toBeLessThanOrEqual(8 + 1e-6);
      expect(sum(({ memoryBytes }) => memoryBytes)).toBeLessThanOrEqual(16 * GIB);
      for (const { index, memoryBytes } of worker.capacity.gpus) {
        const own = ({ gpus: given }: Promised) => given.filter((gpu) => gpu.index === index);
        expect(sum((promised) => own(promised).reduce((total, { share }) => total + share, 0))).toBeLessThanOrEqual(
          1 + 1e-6,
        );
        expect(sum((promised) => own(promised).length * promised.gpuMemoryBytes)).toBeLessThanOrEqual(memoryBytes ?? 0);
      }
    }),
  );
});
