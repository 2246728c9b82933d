import { describe, expect, test } from 'vitest';
import { createPredictor, type Predictor } from '../../../src/core/scheduling/predict.ts';
import { coveredShare } from '../../../src/core/scheduling/predict-coverage.ts';
import { createHistories } from '../../../src/core/scheduling/predict-history.ts';
import {
  type PredictionKey,
  predictionKeysOf,
  shapeOf,
  workerClassOf,
} from '../../../src/core/scheduling/predict-keys.ts';
import { predictionWords } from '../../../src/core/scheduling/predict-words.ts';
import { seededRandom } from '../../support/seeded-random.ts';
import { aCandidate, aSpec, someNeeds } from '../../support/tasks.ts';

const SECOND = 1_000;
const HERE = workerClassOf(aCandidate());

function keys(command: readonly string[], workerClass = HERE, type: string | null = null): readonly PredictionKey[] {
  return predictionKeysOf(aSpec({ command, type }), workerClass);
}

function took(seconds: number) {
  return { durationMs: seconds * SECOND, memoryBytes: null, cores: null, gpuMemoryBytes: null };
}

function wordsOf(predictor: Predictor, command: readonly string[]): string {
  // A number and its unit stay together on a line.
  return predictionWords(predictor.predict(keys(command), 'durationMs')!).replaceAll(/[\u00a0\u202f]/g, ' ');
}

describe('a prediction', () => {
  test('is none while nothing is known', () => {
    const predictor = createPredictor();
    expect(predictor.predict(keys(['make']), 'durationMs')).toBeNull();
    expect(predictor.orderingMs(keys(['make']))).toBeNull();
    expect(predictor.durationAfter(keys(['make']), 0, 0.9)).toBeNull();
  });

  test('rests on the most specific that was seen: this command here, anywhere, its shape, its type, everything', () => {
    const predictor = createPredictor();
    predictor.learn(keys(['train', '--seed', '1'], HERE, 'ml'), took(42));
    const basisOf = (command: readonly string[], workerClass: typeof HERE, type: string | null) =>
      predictor.predict(keys(command, workerClass, type), 'durationMs')?.basis;
    const elsewhere = workerClassOf(aCandidate(1, { capacity: { cores: 64, memoryBytes: 2 ** 38, gpus: [] } }));
    expect(basisOf(['train', '--seed', '1'], HERE, 'ml')).toBe('command-here');
    expect(basisOf(['train', '--seed', '1'], elsewhere, 'ml')).toBe('command');
    expect(basisOf(['train', '--seed', '2'], HERE, 'ml')).toBe('shape-here');
    expect(basisOf(['train', '--seed', '2'], elsewhere, 'ml')).toBe('shape');
    expect(basisOf(['other'], HERE, 'ml')).toBe('type');
    expect(basisOf(['other'], HERE, null)).toBe('everything');
    const larger = predictionKeysOf(aSpec({ command: ['train', '--seed', '1'], needs: someNeeds({ cores: 2 }) }), HERE);
    expect(predictor.predict(larger, 'durationMs')?.basis).toBe('shape-any-size');
  });

  test('says in words what it rests on', () => {
    const predictor = createPredictor();
    for (let run = 0; run < 17; run += 1) predictor.learn(keys(['make']), took(42));
    expect(wordsOf(predictor, ['make'])).toBe('p50 42 s from 17 runs of this command on this kind of worker');
    predictor.learn(keys(['ls']), took(1));
    predictor.learn(keys(['ls']), took(3));
    expect(wordsOf(predictor, ['ls'])).toBe('p50 3 s (1 s to 42 s) from 2 runs of this command on this kind of worker');
  });

  test('is read, not only stored: what was learnt moves it at once, the newest most', () => {
    const predictor = createPredictor();
    for (let run = 0; run < 10; run += 1) predictor.learn(keys(['make']), took(10));
    expect(predictor.predict(keys(['make']), 'durationMs')?.p50).toBe(10 * SECOND);
    for (let run = 0; run < 3; run += 1) predictor.learn(keys(['make']), took(60));
    expect(predictor.predict(keys(['make']), 'durationMs')?.p50).toBe(60 * SECOND);
  });

  test('keeps what was measured apart from what was not', () => {
    const predictor = createPredictor();
    predictor.learn(keys(['make']), { ...took(5), memoryBytes: 3_000 });
    predictor.learn(keys(['make']), took(5));
    expect(predictor.predict(keys(['make']), 'memoryBytes')).toMatchObject({ samples: 1, p95: 3_000 });
    expect(predictor.predict(keys(['make']), 'cores')).toBeNull();
  });
});

describe('the shape of a command', () => {
  test.each([
    [
      ['python3', 'bench.py', '--seed=17'],
      ['python3', 'bench.py', '--seed=99'],
    ],
    [
      ['/usr/bin/python3', '/home/a/x.py'],
      ['python3', '/tmp/run-3/x.py'],
    ],
    [
      ['run', '--out', '/tmp/8c1f2a77e5/o.csv'],
      ['run', '--out', '/tmp/other/o.csv'],
    ],
    [
      ['run', 'f3a9bc0012de'],
      ['run', '0011223344ff'],
    ],
    [
      ['report', '2026-03-01'],
      ['report', '2026-11-24'],
    ],
  ])('is the same for %j and %j', (one, other) => {
    expect(shapeOf(aSpec({ command: one }))).toBe(shapeOf(aSpec({ command: other })));
  });

  test.each([
    [
      ['python3', 'bench.py'],
      ['python3', 'train.py'],
    ],
    [
      ['pytest', 'tests/unit'],
      ['pytest', 'tests/e2e'],
    ],
    [
      ['run', '--fast'],
      ['run', '--slow'],
    ],
    [
      ['python2', 'x.py'],
      ['python3', 'x.py'],
    ],
    [
      ['make', 'deadbeef'],
      ['make', 'facefeed'],
    ],
  ])('differs for %j and %j', (one, other) => {
    expect(shapeOf(aSpec({ command: one }))).not.toBe(shapeOf(aSpec({ command: other })));
  });

  test('of a line of the shell is told by its words, and of what asks for more is another', () => {
    const shell = (line: string) => shapeOf(aSpec({ command: [line], isShell: true }));
    expect(shell('sleep 5 && make -j8')).toBe(shell('sleep 60 && make -j16'));
    expect(shell('sleep 5')).not.toBe(shell('make 5'));
    expect(shapeOf(aSpec({ needs: someNeeds({ cores: 2 }) }))).not.toBe(shapeOf(aSpec()));
  });

  test('of a very long command takes little room', () => {
    const long = aSpec({ command: ['run', ...Array.from({ length: 5_000 }, (_, place) => `word${place}x`)] });
    expect(shapeOf(long).length).toBeLessThan(200);
  });
});

describe('a class of workers', () => {
  test('is the hardware: equal machines share it, and neither name nor software changes it', () => {
    const capabilities = ['arch.x64', 'cpu.l3=32MiB', 'python=3.11.2'];
    const one = workerClassOf(aCandidate(1, { capabilities }));
    expect(workerClassOf(aCandidate(2, { capabilities: ['arch.x64', 'cpu.l3=32MiB', 'python=3.12.0'] }))).toBe(one);
    expect(workerClassOf(aCandidate(1, { capabilities: ['arch.arm64', 'cpu.l3=32MiB'] }))).not.toBe(one);
    expect(workerClassOf(aCandidate(1, { capacity: { cores: null, memoryBytes: null, gpus: [] } }))).toBeNull();
  });
});

describe('memory of the predictor', () => {
  test('is bounded: what was not heard of for longest is forgotten first, and a key keeps its newest outcomes', () => {
    const histories = createHistories(10);
    const one = { basis: 'command', text: 'one' } as const;
    for (let run = 1; run <= 100; run += 1) histories.add([one], took(run));
    expect(histories.of(one)?.values.durationMs).toHaveLength(24);
    expect(histories.of(one)?.values.durationMs.at(-1)).toBe(100 * SECOND);
    expect(histories.of(one)?.counts.durationMs).toBe(100);
    for (let number = 0; number < 10; number += 1) histories.add([{ basis: 'command', text: `c${number}` }], took(1));
    expect(histories.of(one)).toBeUndefined();
    expect(histories.of({ basis: 'command', text: 'c0' })).toBeDefined();
  });
});

/** Log-normal, uniform, Pareto with infinite variance, and one that doubles in the middle. */
const OUTCOMES: readonly (readonly [string, (random: () => number, progress: number) => number])[] = [
  ['log-normal', (random) => 30 * Math.exp(1.5 * normal(random))],
  ['uniform', (random) => 10 + 90 * random()],
  ['heavy-tailed', (random) => 5 * (1 - random()) ** (-1 / 1.2)],
  ['drifting', (random, progress) => (progress < 0.5 ? 20 : 200) * Math.exp(0.3 * normal(random))],
];

describe('the interval from p5 to p95', () => {
  test.each(OUTCOMES)('holds 88 to 92 %% of outcomes that are %s', (_, outcome) => {
    for (const seed of [1, 2]) {
      const random = seededRandom(seed);
      const predictor = createPredictor();
      const runs = 2_500;
      for (let run = 0; run < runs; run += 1) {
        // A few commands run often, many seldom.
        const command = Math.floor(40 * random() ** 2);
        predictor.learn(keys([`command-${command}`]), took(outcome(random, run / runs) * (1 + (command % 7))));
      }
      const share = coveredShare(predictor.coverage('durationMs'));
      expect(share).toBeGreaterThanOrEqual(0.88);
      expect(share).toBeLessThanOrEqual(0.92);
    }
  });

  test('counts what was told at the start, not what is known at the end', () => {
    const predictor = createPredictor();
    predictor.learn(keys(['make']), took(10));
    const told = predictor.predict(keys(['make']), 'durationMs');
    for (let run = 0; run < 20; run += 1) predictor.learn(keys(['make']), took(1_000));
    const before = predictor.coverage('durationMs').above;
    predictor.learn(keys(['make']), took(1_000), told);
    expect(predictor.coverage('durationMs').above).toBe(before + 1);
  });
});

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
