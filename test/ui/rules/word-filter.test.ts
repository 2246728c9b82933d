import { describe, expect, test } from 'vitest';
import { capabilitiesOf } from '../../../src/core/fleet/capabilities.ts';
import { newLiveWorker, viewOf } from '../../../src/core/fleet/live-worker.ts';
import { type WorkerView, workerId } from '../../../src/core/fleet/worker.ts';
import { matchesWord } from '../../../src/renderer/fleet/word-filter.ts';
import { MACHINE } from '../../core/fleet/a-machine.ts';

const WORKER: WorkerView = {
  ...viewOf(newLiveWorker({ workerId: workerId('a'), name: 'Bench-Desk', isLocal: true }, 'standard', 0), 0, 0),
  headline: '2× RTX 4090',
  capabilities: capabilitiesOf(MACHINE),
  labels: { rack: 'b', owner: 'Ada' },
};

describe('a word of the filter', () => {
  test.each([
    'bench',
    'desk',
    '4090',
    'machine',
    'rack=b',
    'rack',
    'ada',
    'gpu',
    'gpu.nvidia',
    'nvidia',
    'docker',
    'avx2',
    'python=3.11',
    'gpu.compute>=8.6',
    'os=linux',
  ])('%s finds what it is a part of, or what the worker can do', (word) => {
    expect(matchesWord(WORKER, word)).toBe(true);
  });

  test.each(['rack=c', 'gp', 'linu', 'gpu.compute>=9', 'amd', 'gpu.compute>=', '>=', 'x64x'])(
    '%s finds nothing there',
    (word) => {
      expect(matchesWord(WORKER, word)).toBe(false);
    },
  );
});
