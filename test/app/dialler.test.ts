/** Looking for workers that wait: real sockets, and a coordinator that is a stand-in with what it answers written down. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDialler } from '../../src/app/dialler.ts';
import { type WorkerId, workerId } from '../../src/core/fleet/worker.ts';
import { fail, ok, type Result } from '../../src/core/result.ts';
import type { Dialling } from '../../src/engine/admission.ts';
import type { EnrolledWorker, Link } from '../../src/engine/ports.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { systemTimers } from '../../src/node/system-timers.ts';
import { waitForLinks } from '../../src/node/transport/waiting.ts';
import { newIdentity, unwrapped } from '../node/transport/transport.ts';

const RIG = workerId('rig');
const QUIET = { info() {}, warn() {}, error() {} };

function rig(port: number): EnrolledWorker {
  const dialledAt = { addresses: ['127.0.0.9', '127.0.0.1'], port };
  const remote = { publicKey: 'AAAA', pairedAtMs: 0, level: 'standard', lastSeen: null, dialledAt } as const;
  return { workerId: RIG, name: 'rig', isLocal: false, admission: 'open', remote };
}

/** A machine that waits, and a dialler whose coordinator welcomes the worker unless told otherwise. */
async function lab(answer: (dialling: Dialling) => Result<EnrolledWorker> = () => ok(rig(1))) {
  const identity = await newIdentity();
  const links: Link[] = [];
  const met: Dialling[] = [];
  /** What was answered whenever it asked whether the worker is enrolled. */
  const asked: boolean[] = [];
  const enrolled = new Set<WorkerId>([RIG]);
  const waiting = unwrapped(
    await waitForLinks({
      ...{ address: '127.0.0.1', port: 0, fingerprint: () => identity.fingerprint },
      onLink: (link) => void links.push(link),
    }),
  );
  onTestFinished(() => waiting.dispose());
  const dialler = createDialler({
    ...{ identity, clock: systemClock, timers: systemTimers, random: () => 0, log: QUIET },
    coordinator: {
      async meet(link, dialling) {
        met.push(dialling);
        link.onMessage(() => undefined);
        onTestFinished(() => link.dispose());
        return answer(dialling);
      },
    },
    isEnrolled(id) {
      asked.push(enrolled.has(id));
      return enrolled.has(id);
    },
  });
  onTestFinished(() => void dialler.dispose());
  return { dialler, waiting, links, met, enrolled, asked };
}

describe('a worker that waits', () => {
  it('is looked for at each of its addresses, again whenever its link has ended, until it is enrolled no more', async () => {
    const { dialler, waiting, links, met, enrolled, asked } = await lab();
    dialler.keep(rig(waiting.port));
    await expect.poll(() => links.length).toBe(1);
    links[0]?.dispose();
    await expect.poll(() => links.length, { timeout: 5_000 }).toBe(2);
    expect(met).toEqual(Array.from({ length: 2 }, () => ({ kind: 'worker', workerId: RIG })));
    enrolled.delete(RIG);
    links[1]?.dispose();
    await expect.poll(() => asked.at(-1), { timeout: 5_000 }).toBe(false);
    expect(links).toHaveLength(2);
  });

  it('is paired by its code at the address where it is, and kept from then on', async () => {
    const { dialler, waiting, links, met } = await lab();
    const { port } = waiting;
    const secret = new Uint8Array(16);
    expect(await dialler.pair({ secret, port, addresses: ['127.0.0.9', '127.0.0.1'] })).toEqual(ok(rig(1)));
    expect(met).toEqual([{ kind: 'code', secret, place: { addresses: ['127.0.0.1', '127.0.0.9'], port } }]);
    await expect.poll(() => links.length).toBe(1);
    links[0]?.dispose();
    await expect.poll(() => met.at(-1), { timeout: 5_000 }).toEqual({ kind: 'worker', workerId: RIG });
  });

  it('that is refused here is told of in the words of the refusal', async () => {
    const { dialler, waiting } = await lab(() => fail('not-permitted', 'The disk is full.'));
    const paired = await dialler.pair({ secret: new Uint8Array(16), port: waiting.port, addresses: ['127.0.0.1'] });
    expect(paired).toEqual(fail('not-permitted', 'The disk is full.'));
  });

  it('that dials by itself is left alone', async () => {
    const { dialler, asked } = await lab();
    const worker = rig(1);
    dialler.keep({ ...worker, remote: { ...worker.remote!, dialledAt: null } });
    dialler.keep({ ...worker, isLocal: true, remote: null });
    expect(asked).toEqual([]);
  });
});
