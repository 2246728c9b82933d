/** Whether a worker takes tasks, and on what terms, as sentences. */
import { describe, expect, it } from 'vitest';
import { admissionSentence, termsFacts } from '../../../src/renderer/detail/admission-words.ts';

describe('a worker says', () => {
  it.for([
    ['open', 0, 'Takes tasks; none runs now.'],
    ['open', 1, 'Takes tasks; 1 runs now.'],
    ['paused', 0, 'Paused: takes no new tasks.'],
    ['paused', 2, 'Paused: takes no new tasks; 2 tasks still run.'],
    ['draining', 1, 'Draining: takes no new tasks; 1 task still runs.'],
    ['draining', 0, 'Drained: nothing runs there any more, and nothing new comes.'],
  ] as const)('whether it takes tasks, when %s with %i running', ([admission, running, sentence]) => {
    expect(admissionSentence(admission, running)).toBe(sentence);
  });

  it('as whom, how many and which programs, where its owner said so', () => {
    expect(termsFacts({ asUser: 'lab', maxParallel: 2, programs: ['pytest', '/usr/bin/make'] }, false)).toEqual([
      ['As', 'lab'],
      ['At once', 'at most 2'],
      ['Programs', 'pytest, /usr/bin/make'],
    ]);
    expect(termsFacts({ asUser: null, maxParallel: null, programs: null }, false)).toEqual([
      ['As', 'the user its agent runs as'],
      ['At once', 'as many as fit'],
      ['Programs', 'any'],
    ]);
  });

  it('that its terms are not known before its link', () => {
    expect(termsFacts(null, false)[0]?.[1]).toMatch(/not heard/);
    expect(termsFacts(null, true)[0]?.[1]).toMatch(/you/);
  });
});
