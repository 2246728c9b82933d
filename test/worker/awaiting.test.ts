/** The code of a machine that waits is good for ten minutes, and for nothing behind them. */
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { homeAt, prepareHome } from '../../src/node/agent-home/home.ts';
import { readTrust } from '../../src/node/agent-home/trust.ts';
import { awaitCoordinator } from '../../src/worker/awaiting.ts';
import { introduction } from '../../src/worker/introduction.ts';
import { tempFolder } from '../support/temp-folder.ts';

const QUIET = { info() {}, warn() {}, error() {} };

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

describe('a machine that waits with a code', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('listens until the code has expired, then says so and trusts nobody', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let said = '';
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += text;
      return true;
    });
    const home = homeAt(join(tempFolder(), 'home'), {});
    expect(prepareHome(home).ok).toBe(true);
    const around = { home, command: 'labwatch-agent', agentFile: '/nowhere/agent.mjs' };
    const waited = awaitCoordinator(around, null, {
      ...{ introduced: introduction('rig', null), terms: null, log: QUIET, address: null, port: 0 },
      tasks: { desk: null, terms: null, problem: null },
      stop: { stopped: new Promise(() => undefined) },
    });
    while (!said.includes('Waiting at')) await new Promise((resolve) => setImmediate(resolve));
    expect(said).toMatch(/labwatch workers dial LWL1-\S+\n/);
    const port = Number(/Waiting at 127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    vi.advanceTimersByTime(10 * 60_000 - 1);
    expect(await answers(port)).toBe(true);
    vi.advanceTimersByTime(1);
    const ended = await waited;
    expect(ended).toMatchObject({ ok: false, error: { code: 'unavailable' } });
    if (!ended.ok) expect(ended.error.message).toMatch(/Nobody has dialled.*`labwatch-agent listen --home \S+` shows/);
    expect(await answers(port)).toBe(false);
    expect(readTrust(home)).toEqual({ ok: true, value: null });
  });
});
