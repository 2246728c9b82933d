/** An instance that serves its control socket with the real task service, over workers that a test drives. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { serveControl } from '../../src/app/control-api.ts';
import { claimDataDir } from '../../src/app/instance-lock.ts';
import { type ControlClient, connectControl } from '../../src/node/control-socket-client.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { type TaskDesk, taskDesk, unwrap } from '../engine/tasks/task-desk.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { testInstance } from './test-instance.ts';

export interface TaskInstance {
  readonly dataDir: string;
  readonly desk: TaskDesk;
  connect(): Promise<ControlClient>;
  /** Whatever is placed goes on, one step each time, until the condition holds. */
  runUntil(isTrue: () => boolean | Promise<boolean>): Promise<void>;
}

/** Call it inside a test, with which it ends. */
export async function taskInstance(): Promise<TaskInstance> {
  const dataDir = join(tempFolder(), 'data');
  const claim = await claimDataDir({ dataDir, kind: 'headless', version: '1.2.3', clock: systemClock });
  if (claim.kind !== 'claimed') throw new Error(claim.error.message);
  const { lock } = claim;
  const desk = await taskDesk();
  const instance = testInstance(dataDir, 'bench-desk', desk.service());
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const server = unwrap(
    await serveControl({ instance, lock, clock: systemClock, log, onFocus: null, onStop: () => undefined }),
  );
  const clients: ControlClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.dispose();
    await server.dispose();
    await instance.dispose();
    await desk.service().dispose();
    lock.dispose();
  });
  return {
    dataDir,
    desk,
    async connect() {
      const client = unwrap(await connectControl(lock.holder.socketPath));
      clients.push(client);
      return client;
    },
    runUntil: (isTrue) =>
      desk.until(() => {
        for (const agent of desk.agents()) agent.step();
        return isTrue();
      }),
  };
}
