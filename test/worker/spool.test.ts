import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SampleBatch } from '../../src/core/metrics/sample.ts';
import type { Failure } from '../../src/core/result.ts';
import { openSpool, type Spool } from '../../src/worker/spool.ts';
import { decodeRecords, encodeRecord } from '../../src/worker/spool-record.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { tickAt, timesIn } from './batches.ts';

const small = { segmentBytes: 400, mostBytes: 1_000_000 };

function open(folder: string, choices: Partial<Parameters<typeof openSpool>[0]> = {}): Spool {
  return openSpool({ folder, clock: fakeTime().clock, ...small, ...choices });
}

/** Delivers all that waits, and says that it was taken. */
function takeAll(spool: Spool, mostBytes = 300): readonly number[] {
  const batches: SampleBatch[] = [];
  for (let piece = spool.next(mostBytes); piece !== null; piece = spool.next(mostBytes)) {
    batches.push(piece.batch);
    spool.taken(piece.refs);
  }
  return timesIn(batches);
}

const seconds = (count: number, from = 0) => Array.from({ length: count }, (_, index) => (from + index) * 1_000);

describe('a record of the spool', () => {
  const record = fc.record({
    tickCount: fc.integer({ min: 0, max: 65_535 }),
    payload: fc.uint8Array({ minLength: 1, maxLength: 60 }),
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const read = decodeRecords(Buffer.concat(records.map(encodeRecord)));
        expect(read.map(({ tickCount, payload }) => ({ tickCount, payload: new Uint8Array(payload) }))).toEqual(
          records,
        );
      }),
    );
  });

  it('that is torn, or any byte of which changed, ends the reading and harms none before it', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 5 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (records, at, flip) => {
          const whole = Buffer.concat(records.map(encodeRecord));
          const place = at % whole.length;
          const ends = records.map((_, index) => Buffer.concat(records.slice(0, index + 1).map(encodeRecord)).length);
          const intact = ends.filter((end) => end <= place).length;
          expect(decodeRecords(whole.subarray(0, place)).length).toBe(intact);
          whole[place] = whole[place]! ^ flip;
          expect(decodeRecords(whole).length).toBe(intact);
        },
      ),
    );
  });
});

describe('the spool', () => {
  it('gives back what it was given, in order, and then is empty', () => {
    const folder = join(tempFolder(), 'spool');
    const spool = open(folder);
    for (const atMs of seconds(40)) spool.append(tickAt(atMs), false);
    expect(readdirSync(folder).length).toBeGreaterThan(2);
    expect(takeAll(spool)).toEqual(seconds(40));
    expect(readdirSync(folder)).toEqual([]);
    expect(spool.bytes()).toBe(0);
    spool.dispose();
  });

  it('keeps values and series as they were', () => {
    const spool = open(join(tempFolder(), 'spool'));
    const batches = seconds(6).map(tickAt);
    for (const batch of batches) spool.append(batch, false);
    expect(spool.next(1e6)?.batch.ticks).toEqual(batches.flatMap(({ ticks = [] }) => ticks));
    spool.dispose();
  });

  it('keeps events and processes, and leaves out states, which are no history', () => {
    const spool = open(join(tempFolder(), 'spool'));
    const events = [{ atMs: 5, kind: 'started', message: 'It started.' }] as const;
    const processes = [{ atMs: 5, processCount: 3, processes: [] }];
    spool.append({ events, processes, collectors: [] }, false);
    expect(spool.next(1e6)?.batch).toEqual({ events, processes });
    spool.dispose();
  });

  it('outlives its process, whatever ended that, with a torn end, too', () => {
    const folder = join(tempFolder(), 'spool');
    // Not disposed of: as after kill -9.
    const before = open(folder);
    for (const atMs of seconds(10)) before.append(tickAt(atMs), false);
    const last = readdirSync(folder).sort().at(-1)!;
    truncateSync(join(folder, last), statSync(join(folder, last)).size - 3);
    const after = open(folder);
    after.append(tickAt(10_000), false);
    expect(takeAll(after)).toEqual([...seconds(9), 10_000]);
    expect(readdirSync(folder)).toEqual([]);
    after.dispose();
  });

  it('offers again after a broken link what was not taken, and nothing else', () => {
    const spool = open(join(tempFolder(), 'spool'));
    for (const atMs of seconds(20)) spool.append(tickAt(atMs), false);
    const first = spool.next(200)!;
    const second = spool.next(200)!;
    const third = spool.next(200)!;
    spool.taken(second.refs);
    spool.rewind();
    const missing = [...timesIn([first.batch]), ...timesIn([third.batch])];
    expect(takeAll(spool).slice(0, missing.length)).toEqual(missing);
    spool.dispose();
  });

  it('leaves out what is under way already, until it is given back or the link ends', () => {
    const spool = open(join(tempFolder(), 'spool'));
    const held = [spool.append(tickAt(0), true), spool.append(tickAt(1_000), true), spool.append(tickAt(2_000), true)];
    spool.append(tickAt(3_000), false);
    expect(timesIn([spool.next(1e6)!.batch])).toEqual([3_000]);
    spool.release(held[1]!);
    expect(timesIn([spool.next(1e6)!.batch])).toEqual([1_000]);
    spool.taken([held[0]!]);
    spool.rewind();
    expect(takeAll(spool)).toEqual([1_000, 2_000, 3_000]);
    spool.dispose();
  });

  it('gives up the oldest file when all together are too large, and counts the ticks in it', () => {
    const folder = join(tempFolder(), 'spool');
    const spool = open(folder, { mostBytes: 2_000 });
    for (const atMs of seconds(100)) spool.append(tickAt(atMs), false);
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(2_600);
    const kept = takeAll(spool);
    expect(kept.at(-1)).toBe(99_000);
    expect(kept).toEqual(seconds(kept.length, 100 - kept.length));
    expect(spool.lostTicks()).toBe(100 - kept.length);
    spool.dispose();
  });

  it('counts what it gives up of an earlier run, too', () => {
    const folder = join(tempFolder(), 'spool');
    const before = open(folder);
    for (const atMs of seconds(50)) before.append(tickAt(atMs), false);
    before.dispose();
    const after = open(folder, { mostBytes: 700 });
    after.append(tickAt(50_000), false);
    const kept = takeAll(after);
    expect(kept.length).toBeLessThan(51);
    expect(after.lostTicks()).toBe(51 - kept.length);
    after.dispose();
  });

  it('passes over files that are not its own, and those of which nothing is left', () => {
    const folder = join(tempFolder(), 'spool');
    const before = open(folder);
    for (const atMs of seconds(10)) before.append(tickAt(atMs), false);
    before.dispose();
    writeFileSync(join(folder, '00000099.seg'), 'these are not records');
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const after = open(folder);
    expect(takeAll(after)).toEqual(seconds(10));
    expect(readdirSync(folder)).toEqual(['notes.txt']);
    after.dispose();
  });

  it('counts what the disk has forgotten, and delivers the rest', () => {
    const folder = join(tempFolder(), 'spool');
    const spool = open(folder);
    for (const atMs of seconds(12)) spool.append(tickAt(atMs), false);
    const [first = ''] = readdirSync(folder).sort();
    truncateSync(join(folder, first), Math.floor(statSync(join(folder, first)).size / 2));
    const kept = takeAll(spool);
    expect(kept.length).toBeLessThan(12);
    expect(spool.lostTicks()).toBe(12 - kept.length);
    expect(readdirSync(folder)).toEqual([]);
    spool.dispose();
  });

  it('never loses and never repeats, whatever happens in whatever order', () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.constant('append' as const) },
      { weight: 2, arbitrary: fc.constant('append-held' as const) },
      { weight: 4, arbitrary: fc.constant('send' as const) },
      { weight: 4, arbitrary: fc.constant('taken' as const) },
      { weight: 1, arbitrary: fc.constant('link-ends' as const) },
      { weight: 1, arbitrary: fc.constant('killed' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const folder = join(tempFolder(), 'spool');
        let spool = open(folder);
        let atMs = 0;
        const taken = new Set<number>();
        const takenByThisRun = new Set<number>();
        let underWay: { readonly times: readonly number[]; readonly refs: Parameters<Spool['taken']>[0] }[] = [];
        for (const one of steps) {
          if (one === 'append' || one === 'append-held') {
            const ref = spool.append(tickAt(atMs), one === 'append-held');
            if (one === 'append-held') underWay.push({ times: [atMs], refs: [ref] });
            atMs += 1_000;
          } else if (one === 'send') {
            const piece = spool.next(150);
            if (piece === null) continue;
            const times = timesIn([piece.batch]);
            // Nothing that is under way or was taken is offered once more on the same link.
            for (const time of times) expect(takenByThisRun.has(time)).toBe(false);
            for (const { times: others } of underWay) for (const time of times) expect(others).not.toContain(time);
            underWay.push({ times, refs: piece.refs });
          } else if (one === 'taken') {
            const done = underWay.shift();
            if (done === undefined) continue;
            spool.taken(done.refs);
            for (const time of done.times) taken.add(time) && takenByThisRun.add(time);
          } else if (one === 'link-ends') {
            spool.rewind();
            underWay = [];
          } else {
            // What was taken may come again after this; what was not must.
            spool = open(folder);
            underWay = [];
            takenByThisRun.clear();
          }
        }
        spool.rewind();
        const offered = takeAll(spool);
        expect([...new Set([...offered, ...taken])].sort((a, b) => a - b)).toEqual(seconds(atMs / 1_000));
        expect(offered.filter((time) => takenByThisRun.has(time))).toEqual([]);
        expect(new Set(offered).size).toBe(offered.length);
        rmSync(folder, { recursive: true, force: true });
      }),
      { numRuns: 150 },
    );
  });
});

describe('a disk that refuses', () => {
  /** A folder that cannot be made, because a file has its name: refused to root, too. */
  function blocked() {
    const folder = join(tempFolder(), 'spool');
    writeFileSync(folder, 'in the way');
    return folder;
  }

  it('is told of once, and the newest batches wait in memory', () => {
    const problems: (Failure | null)[] = [];
    const time = fakeTime();
    const spool = open(blocked(), { clock: time.clock, onProblem: (problem) => problems.push(problem) });
    for (const atMs of seconds(400)) {
      spool.append(tickAt(atMs), false);
      time.advance(1_000);
    }
    expect(problems).toHaveLength(1);
    expect(problems[0]?.message).toMatch(/spool.*stay in memory/);
    expect(spool.lostTicks()).toBe(100);
    expect(takeAll(spool)).toEqual(seconds(300, 100));
    spool.dispose();
  });

  it('gets them once it works again', () => {
    const folder = blocked();
    const problems: (Failure | null)[] = [];
    const time = fakeTime();
    const spool = open(folder, { clock: time.clock, onProblem: (problem) => problems.push(problem) });
    for (const atMs of seconds(5)) spool.append(tickAt(atMs), false);
    rmSync(folder);
    time.advance(5_000);
    spool.append(tickAt(5_000), false);
    expect(problems.at(-1)).toBeNull();
    const again = open(folder);
    expect([...takeAll(again)].sort((a, b) => a - b)).toEqual(seconds(6));
    again.dispose();
  });

  it('in the middle of a batch loses nothing that was on it, nor that batch', () => {
    const folder = join(tempFolder(), 'spool');
    const writer = fileURLToPath(new URL('./spool-writer.ts', import.meta.url));
    // No file may grow beyond 4 KiB: what exceeds it is cut off where it is being written.
    const command = `ulimit -f 4; exec ${process.execPath} ${writer} ${folder} 200`;
    const { status, stdout } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(1);
    const spool = open(folder);
    expect([...takeAll(spool)].sort((a, b) => a - b)).toEqual(seconds(200));
    spool.dispose();
  });

  it('and a folder that somebody removed is made anew', () => {
    const folder = join(tempFolder(), 'spool');
    const spool = open(folder, { segmentBytes: 100 });
    spool.append(tickAt(0), false);
    rmSync(folder, { recursive: true });
    for (const atMs of seconds(4, 1)) spool.append(tickAt(atMs), false);
    expect(takeAll(spool)).toEqual(expect.arrayContaining(seconds(3, 2)));
    spool.dispose();
  });
});
