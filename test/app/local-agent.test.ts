/** This machine's own agent, as the app starts it: a real process of the built file, over a task service that a test drives. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { createLocalAgent } from '../../src/app/local-agent.ts';
import { workerId } from '../../src/core/fleet/worker.ts';
import { ok } from '../../src/core/result.ts';
import type { TaskDoor } from '../../src/engine/tasks/contract.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { systemTimers } from '../../src/node/system-timers.ts';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

const here = workerId('here');
const noDoor: TaskDoor = { linked() {}, unlinked() {}, reports() {}, read() {}, pulses() {}, lost() {}, removed() {} };

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

it('a machine that cannot run tasks is said to be so after three tries, not after the first, and tried again', async () => {
  const dataDir = tempFolder();
  mkdirSync(join(dataDir, 'local-agent'), { mode: 0o700 });
  writeFileSync(join(dataDir, 'local-agent', 'tasks'), 'a file where a folder has to be');
  const told: boolean[] = [];
  const waits: number[] = [];
  const agent = createLocalAgent({
    ...{ dataDir, workerId: here, name: () => 'here', door: noDoor, hasWork: () => true },
    open: async () => ok({ address: '127.0.0.1', port: 1, fingerprint: new Uint8Array(32) }),
    onAble: (isAble) => told.push(isAble),
    onLeft: () => undefined,
    clock: systemClock,
    timers: {
      after(delayMs, action) {
        waits.push(delayMs);
        return systemTimers.after(delayMs / 50, action);
      },
    },
    log: { info() {}, warn() {}, error() {} },
  });
  onTestFinished(() => void agent.dispose());
  agent.summon();
  await expect.poll(() => told, { timeout: 30_000 }).toEqual([false]);
  await expect.poll(() => waits.includes(60_000), { timeout: 30_000 }).toBe(true);
  expect(waits.filter((delayMs) => delayMs < 60_000).length).toBeGreaterThanOrEqual(2);
});
