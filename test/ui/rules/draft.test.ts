/** The form of a task, the plan that it makes, and the field that a refusal belongs to. */
import { describe, expect, it } from 'vitest';
import type { TaskSpec } from '../../../src/core/tasks/task.ts';
import { draftOf, EMPTY_DRAFT, failureOf, planOf } from '../../../src/renderer/new-task/draft.ts';

function planned(...draft: Parameters<typeof planOf>): unknown {
  const plan = planOf(...draft);
  return plan.ok ? JSON.parse(plan.value) : plan;
}

const SPEC: TaskSpec = {
  name: 'bench',
  command: ['python', 'bench.py', "it's"],
  isShell: false,
  cwd: '/srv/app',
  env: { MODE: 'a=b' },
  stdin: 'yes\n',
  bring: [{ from: './data.bin', to: 'data.bin' }],
  fetch: ['out/*'],
  fileLimitBytes: 2 ** 30,
  needs: {
    cores: 1.5,
    memoryBytes: 2 * 2 ** 30,
    gpus: 0.5,
    gpuMemoryBytes: 1_500_000_000,
    gpuModel: '4090',
    capabilities: ['gpu.compute>=8.6', 'avx2'],
    labels: { rack: 'b' },
  },
  type: 'bench',
  priority: 60,
  timeoutMs: 600_000,
  retries: 2,
  after: ['unit'],
  affinityKey: 'model:bert',
  group: 'licence',
  groupLimit: 2,
  isPreemptible: true,
  isRerunIfLost: false,
};

describe('a form', () => {
  it('that is hardly filled in makes a plan of what was filled in', () => {
    expect(planned({ ...EMPTY_DRAFT, name: 'unit', command: `pytest -q 'tests/a b'` })).toEqual({
      name: 'unit',
      tasks: [{ name: 'unit', command: ['pytest', '-q', 'tests/a b'] }],
    });
  });

  it('gives a shell its line as it stands', () => {
    const plan = planned({ ...EMPTY_DRAFT, name: 'x', command: `make 'test | tee`, isShell: true });
    expect(plan).toMatchObject({ tasks: [{ command: `make 'test | tee`, shell: true }] });
  });

  it('writes numbers as numbers and everything else as it was typed, for the plan to judge', () => {
    const draft = {
      ...EMPTY_DRAFT,
      name: 'x',
      command: 'a',
      cores: ' 0.5 ',
      memory: '2GiB',
      priority: 'high',
      gpus: '-1',
    };
    expect(planned(draft)).toMatchObject({
      tasks: [{ needs: { cores: 0.5, memoryBytes: '2GiB', gpus: -1 }, priority: 'high' }],
    });
  });

  it.for([
    ['command', { command: `echo "open` }],
    ['environment', { environment: 'A=1\nNOVALUE' }],
    ['labels', { labels: 'rack=b, oops' }],
  ] as const)('that cannot be written as a plan names its field: %s', ([field, part]) => {
    expect(planOf({ ...EMPTY_DRAFT, name: 'x', command: 'a', ...part })).toMatchObject({ ok: false, field });
  });

  it('filled in from a task asks for the same again, but for what only its plan can say', () => {
    expect(planned(draftOf(SPEC))).toEqual({
      name: 'bench',
      tasks: [
        {
          name: 'bench',
          command: ['python', 'bench.py', "it's"],
          cwd: '/srv/app',
          env: { MODE: 'a=b' },
          stdin: 'yes\n',
          needs: {
            cores: 1.5,
            memoryBytes: '2GiB',
            gpus: 0.5,
            gpuMemoryBytes: 1_500_000_000,
            gpuModel: '4090',
            capabilities: ['gpu.compute>=8.6', 'avx2'],
            labels: { rack: 'b' },
          },
          type: 'bench',
          fetch: ['out/*'],
          fileLimitBytes: 2 ** 30,
          priority: 60,
          timeoutSeconds: 600,
          retries: 2,
          affinityKey: 'model:bert',
          group: 'licence',
          groupLimit: 2,
          preemptible: true,
          rerunIfLost: false,
        },
      ],
    });
  });
});

describe('a refusal', () => {
  it.for([
    ['tasks[0].needs.gpuMemoryBytes: found "x", expected a size', 'gpuMemory'],
    ['tasks[0].needs.gpus: found -1, expected 0 or more', 'gpus'],
    ['tasks[0].name: found "", expected a name', 'name'],
    ['tasks[0].needs.capabilities[1]: found "a b"', 'capabilities'],
    ['tasks[0].command[0]: found "", expected a program', 'command'],
    ['name: found "", expected a name.', 'name'],
    ['tasks[0]: found 3, expected an object with name and command.', null],
    ['The disk is full.', null],
    ['tasks[0].group: found 3', null],
  ] as const)('belongs to the field whose place it names: %s', ([message, field]) => {
    expect(failureOf(message)).toEqual({ field, message });
  });
});
