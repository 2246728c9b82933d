/** Workers that wait to be dialled, from end to end: real agents that listen, a real coordinator that dials them. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import {
  encodeListeningCode,
  type ListeningCode,
  parseListeningCode,
} from '../../src/node/transport/listening-code.ts';
import { type Exit, labwatch, type Running } from '../cli/process.ts';
import { newIdentity } from '../node/transport/transport.ts';
import { projectFolder } from '../support/source.ts';
import { expectNoHole, freePort, isLive, type Lab, openLab, workerWhen } from './lab.ts';
import { openProxy } from './proxy.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Waiting {
  readonly agent: Running;
  readonly port: number;
  readonly code: string;
}

/** An agent that waits on a port of its own, and its code. */
async function wait(lab: Lab, home = 'rig-a', ...words: readonly string[]): Promise<Waiting> {
  const port = await freePort();
  const agent = lab.agent(home, 'listen', '--port', String(port), '--name', home, ...words);
  const said = await agent.saw(/Waiting at 127\.0\.0\.1:\d+/);
  const code = /labwatch workers dial (LWL1-\S+)/.exec(said)?.[1] ?? '';
  return { agent, port, code };
}

function dial(lab: Pick<Lab, 'dataDir'>, code: string): Promise<Exit> {
  return labwatch(['workers', 'dial', code, '--data-dir', lab.dataDir]);
}

/** The same code, but leading elsewhere, or with another secret. */
function altered(code: string, change: Partial<ListeningCode>): string {
  const parsed = parseListeningCode(code);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return encodeListeningCode({ ...parsed.value, ...change });
}

async function dialled(lab: Lab, waiting: Waiting, code = waiting.code): Promise<void> {
  expect(await dial(lab, code)).toMatchObject({ code: 0, stderr: '' });
  await waiting.agent.saw(/Connected/);
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('a machine that waits', () => {
  it('is dialled by its code, is live at once, and nothing listens where Labwatch runs', async () => {
    const lab = await openLab();
    const waiting = await wait(lab, 'rig-a', '--run-tasks');
    const { stdout } = await dial(lab, waiting.code);
    expect(stdout).toBe('rig-a is a worker now.\n');
    const said = await waiting.agent.saw(/Connected to 127\.0\.0\.1\./);
    expect(said).toMatch(/Joined 127\.0\.0\.1 as rig-a\.\n/);
    const worker = await workerWhen(lab, isLive);
    expect(worker.remote).toMatchObject({
      dialledAt: `127.0.0.1:${waiting.port}`,
      address: '127.0.0.1',
      runsTasks: true,
    });
    expect(said).toContain(worker.remote?.keyFingerprint);
    expect(await lab.call('listener', {})).toMatchObject({ state: 'resting' });
    const status = await lab.agent('rig-a', 'status').exited;
    expect(status).toMatchObject({ code: 0 });
    expect(status.stdout).toContain('by 127.0.0.1 since');
  });

  it('goes on after either side was killed and started again, as the same worker', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    // Nobody is at the first address: the next one is tried, now and later.
    await dialled(lab, waiting, altered(waiting.code, { addresses: ['127.0.0.9', '127.0.0.1'] }));
    const { workerId } = await workerWhen(lab, isLive);
    lab.headless().child.kill('SIGKILL');
    await lab.headless().exited;
    await lab.start();
    await workerWhen(lab, isLive);
    expect(await lab.call('listener', {})).toMatchObject({ state: 'resting' });
    waiting.agent.child.kill('SIGKILL');
    await waiting.agent.exited;
    await workerWhen(lab, ({ link }) => link === 'unreachable');
    // `join` and `listen` without more words both go on in the way that it came in.
    const again = lab.agent('rig-a', 'join');
    await again.saw(/Connected/);
    expect(await workerWhen(lab, isLive)).toMatchObject({ workerId });
  });

  it('has no hole in its history after the cable was out', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    const proxy = await openProxy(waiting.port);
    await dialled(lab, waiting, altered(waiting.code, { port: proxy.port }));
    const { workerId } = await workerWhen(lab, isLive);
    await pause(2_000);
    proxy.set('cut');
    await workerWhen(lab, ({ link }) => link === 'unreachable');
    await pause(3_000);
    proxy.set('closed');
    proxy.set('through');
    await workerWhen(lab, isLive);
    await expect.poll(() => readdirSync(join(lab.home('rig-a'), 'spool')), { timeout: 30_000 }).toEqual([]);
    const readings = await lab.readingsOf(workerId);
    expect(readings.length).toBeGreaterThan(9);
    expectNoHole(readings);
  });

  it('takes nobody with a code that is wrong, mistyped, of the other kind, or leads nowhere, and is still there', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    const cases = [
      {
        code: altered(waiting.code, { secret: new Uint8Array(16).fill(9) }),
        exit: 1,
        words: /does not take this code/,
      },
      {
        code: altered(waiting.code, { port: 1 }),
        exit: 1,
        words: /cannot be reached \(127\.0\.0\.1:1: nothing listens/,
      },
      { code: waiting.code.slice(0, -2), exit: 2, words: /mistyped or not whole/ },
      { code: await lab.invite(), exit: 2, words: /a code to join with/ },
    ];
    for (const { code, exit, words } of cases) {
      const { stderr, ...ended } = await dial(lab, code);
      expect({ ...ended, words: words.test(stderr), stderr }).toMatchObject({ code: exit, stdout: '', words: true });
      expect(stderr.match(/\n/g)).toHaveLength(1);
    }
    const joined = await lab.agent('rig-b', 'join', waiting.code).exited;
    expect(joined).toMatchObject({ code: 2, stderr: expect.stringContaining('labwatch workers dial') });
    expect(await lab.remote()).toEqual([]);
    await dialled(lab, waiting);
  });

  it('is good for one coordinator: who comes with the same code or another key hears not a word', async () => {
    const lab = await openLab();
    const other = await openLab();
    const waiting = await wait(lab);
    await dialled(lab, waiting);
    await workerWhen(lab, isLive);
    const refused = await dial(other, waiting.code);
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('does not take this code') });
    expect(await other.remote()).toEqual([]);
    const { privateKeyPem, certificatePem } = await newIdentity();
    const socket = new TLSSocket(await connected(waiting.port), {
      ...{ isServer: true, key: privateKeyPem, cert: certificatePem, minVersion: 'TLSv1.3' },
    });
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes;
    });
    socket.on('error', () => undefined);
    await new Promise((resolve) => socket.once('close', resolve));
    expect(heard).toBe('');
    expect((await lab.remote())[0]?.link).toBe('online');
  });

  it('is not kept from its coordinator by strangers that dial', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    for (let count = 0; count < 30; count += 1) (await connected(waiting.port)).write('hello\r\n');
    await expect.poll(async () => (await dial(lab, waiting.code)).code, { timeout: 30_000 }).toBe(0);
    await workerWhen(lab, isLive);
    for (let count = 0; count < 30; count += 1) await connected(waiting.port);
    await pause(1_500);
    expect((await lab.remote())[0]?.link).toBe('online');
  });

  it('does not take the coordinator back whose key is another one, and says so in its log', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    await dialled(lab, waiting);
    await workerWhen(lab, isLive);
    lab.headless().child.kill('SIGTERM');
    await lab.headless().exited;
    for (const file of ['coordinator-key.pem', 'coordinator-cert.pem']) rmSync(join(lab.dataDir, file));
    await lab.start();
    const log = () => readFileSync(join(lab.dataDir, 'logs', 'labwatch.log'), 'utf8');
    await expect.poll(log, { timeout: 20_000 }).toContain('was not reached');
    expect((await lab.remote())[0]?.link).not.toBe('online');
    expect(waiting.agent.child.exitCode).toBeNull();
  });

  it('leaves: its coordinator forgets it, and nothing of it stays', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    await dialled(lab, waiting);
    await workerWhen(lab, isLive);
    const left = await lab.agent('rig-a', 'leave').exited;
    expect(left).toMatchObject({ code: 0, stderr: '' });
    expect(left.stdout).toContain('rig-a has left its coordinator.');
    expect(await waiting.agent.exited).toMatchObject({ code: 0 });
    expect(existsSync(lab.home('rig-a'))).toBe(false);
    await expect.poll(() => lab.remote()).toEqual([]);
  });

  it('that was removed ends with a clear sentence, and is dialled no more', async () => {
    const lab = await openLab();
    const waiting = await wait(lab);
    await dialled(lab, waiting);
    await labwatch(['workers', 'remove', 'rig-a', '--data-dir', lab.dataDir]);
    expect(await waiting.agent.exited).toMatchObject({ code: 1, stderr: expect.stringMatching(/removed/) });
    expect(await lab.remote()).toEqual([]);
  });
});
