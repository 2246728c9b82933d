/** An outage of a day, which a clock that the test moves lets pass in seconds: all else is as it is. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import type { SampleBatch, Tick } from '../../src/core/metrics/sample.ts';
import { homeAt } from '../../src/node/agent-home/home.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { createOutbox } from '../../src/worker/outbox.ts';
import { startSampling } from '../../src/worker/sampling.ts';
import { openSpool } from '../../src/worker/spool.ts';
import { fakeTime } from '../engine/fake-time.ts';
import { projectFolder } from '../support/source.ts';
import { isLive, type Lab, openLab, workerWhen } from './lab.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const MEGABYTE = 1e6;
const DAY_S = 24 * 60 * 60;

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

/** What one second of this machine looks like at the standard level, slow collectors included. */
async function realTick(): Promise<Tick> {
  let widest: Tick | undefined;
  const sampling = startSampling({
    level: 'standard',
    clock: systemClock,
    startInventory: () => ({ answer: new Promise(() => undefined), end: () => undefined }),
    onBatch({ ticks = [] }: SampleBatch) {
      for (const tick of ticks) if (tick.values.length > (widest?.values.length ?? 0)) widest = tick;
    },
    profiled: null,
  });
  await expect.poll(() => widest?.values.length ?? 0).toBeGreaterThan(20);
  await new Promise((resolve) => setTimeout(resolve, 6 * SECOND_MS));
  await sampling.dispose();
  return widest!;
}

/** The agent's own outbox and spool, without a link, from a day ago until now. Nothing may be dropped. */
function spoolADay(lab: Lab, name: string, like: Tick): { readonly fromMs: number; readonly toMs: number } {
  const toMs = Math.floor(Date.now() / SECOND_MS) * SECOND_MS;
  const fromMs = toMs - DAY_S * SECOND_MS;
  const { clock, timers, advance } = fakeTime(fromMs);
  const spool = openSpool({ folder: homeAt(lab.home(name)).spoolFolder, clock });
  const outbox = createOutbox({ spool, clock, timers });
  for (let second = 0; second < DAY_S; second += 1) {
    const values = like.values.map((value, index) =>
      index % 3 === second % 3 ? value * (1 + (second % 97) / 1e3) : value,
    );
    outbox.add({ ticks: [{ atMs: clock.nowMs(), seriesKeys: like.seriesKeys, values }] });
    advance(SECOND_MS);
  }
  expect(spool.lostTicks()).toBe(0);
  outbox.dispose();
  spool.dispose();
  return { fromMs, toMs };
}

function bytesIn(folder: string): number {
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

describe('an agent that is alone for a day', () => {
  it('delivers every second of it when the coordinator is back, and the history has no hole', async () => {
    const lab = await openLab();
    const agent = lab.agent('far', 'join', await lab.invite(), '--name', 'far');
    const { workerId } = await workerWhen(lab, isLive);
    agent.child.kill('SIGTERM');
    await agent.exited;
    const { fromMs, toMs } = spoolADay(lab, 'far', await realTick());
    const left = () => bytesIn(homeAt(lab.home('far')).spoolFolder);
    expect(left()).toBeGreaterThan(MEGABYTE);
    lab.agent('far', 'join');
    await expect.poll(left, { timeout: 20 * MINUTE_MS, interval: SECOND_MS }).toBeLessThan(MEGABYTE / 10);
    await workerWhen(lab, (worker) => isLive(worker) && worker.remote?.spooledBytes === 0);
    const readings = await lab.readingsOf(workerId, 25 * 60 * MINUTE_MS);
    const ofTheDay = readings.filter((atMs) => atMs >= fromMs && atMs < toMs && atMs % SECOND_MS === 0);
    expect(ofTheDay).toEqual(Array.from({ length: DAY_S }, (_, second) => fromMs + second * SECOND_MS));
  });
});
