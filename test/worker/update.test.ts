/** A newer agent as it arrives and is tried: real files and real processes; the programs are a few lines each. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { homeAt } from '../../src/node/agent-home/home.ts';
import { LIMITS } from '../../src/shared/protocol/contract.ts';
import { takeUpdateOutcome } from '../../src/worker/update.ts';
import { receiveUpdates } from '../../src/worker/update-receiving.ts';
import { tryNewerAgent } from '../../src/worker/update-trial.ts';
import { errorLine } from '../../src/worker/update-words.ts';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';

const GOOD = `console.log('2.0.0'); // ${'x'.repeat(200)}\n`;

function homeWith(program = 'the old one') {
  const home = homeAt(join(tempFolder(), 'agent'), {});
  mkdirSync(home.folder, { mode: 0o700 });
  writeFileSync(home.agentFile, program);
  return home;
}

function piecesOf(program: string, pieceBytes: number, version = '2.0.0') {
  const bytes = Buffer.from(program);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, index) => ({
    ...{ version, sha256, offset: index * pieceBytes, totalBytes: bytes.length },
    data: bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes).toString('base64'),
  }));
}

/** What the last piece was answered. */
async function giveAll(receiver: ReturnType<typeof receiveUpdates>, pieces: ReturnType<typeof piecesOf>) {
  let last = await receiver.take(pieces[0]!);
  for (const piece of pieces.slice(1)) last = await receiver.take(piece);
  return last;
}

describe('a newer agent that arrives', () => {
  it('is whole however it is cut into pieces, and lies beside the one that runs', async () => {
    const sizes = fc.integer({ min: 7, max: GOOD.length });
    const property = fc.asyncProperty(sizes, async (pieceBytes) => {
      const home = homeWith();
      const receiver = receiveUpdates({ home, agentFile: home.agentFile });
      expect(await giveAll(receiver, piecesOf(GOOD, pieceBytes))).toEqual({ ok: true, value: null });
      expect(await receiver.ready).toEqual({ kind: 'update', version: '2.0.0' });
      expect(readFileSync(home.nextAgentFile, 'utf8')).toBe(GOOD);
      expect(readFileSync(home.agentFile, 'utf8')).toBe('the old one');
    });
    await fc.assert(property, { numRuns: 5 });
  });

  it('begins anew after a cut, and is whole then', async () => {
    const home = homeWith();
    const receiver = receiveUpdates({ home, agentFile: home.agentFile });
    const [first, second] = piecesOf(GOOD, 50);
    await receiver.take(first!);
    await receiver.take(second!);
    expect(await giveAll(receiver, piecesOf(GOOD, 80))).toEqual({ ok: true, value: null });
  });

  it.each([
    { what: 'a wrong sum', spoil: { sha256: '0'.repeat(64) }, says: 'did not arrive as it was sent' },
    { what: 'more bytes than were announced', spoil: { totalBytes: 10 }, says: 'did not arrive as it was sent' },
    { what: 'a piece out of turn', spoil: { offset: 7 }, says: 'A piece of the new agent is missing' },
    { what: 'a size beyond all measure', spoil: { totalBytes: LIMITS.agentBytes + 1 }, says: 'too large' },
    { what: 'another version than it says', spoil: { version: '3.0.0' }, says: 'says that it is 2.0.0, not 3.0.0' },
  ])('is refused with $what, and nothing of it stays', async ({ spoil, says }) => {
    const home = homeWith();
    const receiver = receiveUpdates({ home, agentFile: home.agentFile });
    const [whole] = piecesOf(GOOD, GOOD.length);
    const refused = await receiver.take({ ...whole!, ...spoil });
    expect(refused).toMatchObject({ ok: false, error: { message: expect.stringContaining(says) } });
    expect(existsSync(home.nextAgentFile)).toBe(false);
    // The right one is taken after it.
    expect(await receiver.take(whole!)).toEqual({ ok: true, value: null });
  });

  it('is refused where it does not run, with its own words', async () => {
    const home = homeWith();
    const receiver = receiveUpdates({ home, agentFile: home.agentFile });
    const refused = await giveAll(receiver, piecesOf('throw new Error("no luck")', 1_000));
    expect(refused).toMatchObject({
      ok: false,
      error: { message: 'The new agent does not run there: Error: no luck.' },
    });
    expect(existsSync(home.nextAgentFile)).toBe(false);
  });

  it('is refused where its owner write-protected the file, or where another file runs', async () => {
    const home = homeWith();
    const [whole] = piecesOf(GOOD, GOOD.length);
    const elsewhere = join(home.folder, 'installed.mjs');
    copyFileSync(home.agentFile, elsewhere);
    const installed = await receiveUpdates({ home, agentFile: elsewhere }).take(whole!);
    expect(installed).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    chmodSync(home.agentFile, 0o400);
    const receiver = receiveUpdates({ home, agentFile: home.agentFile });
    expect(await receiver.take(whole!)).toMatchObject({ ok: false, error: { code: 'not-permitted' } });
    chmodSync(home.agentFile, 0o600);
    expect(await receiver.take(whole!)).toEqual({ ok: true, value: null });
  });
});

describe('the trial of a newer agent', () => {
  const never = { stopped: new Promise<null>(() => undefined) };

  function trialOf(program: string, limitMs: number, stop = never) {
    const home = homeWith();
    writeFileSync(home.nextAgentFile, program);
    return tryNewerAgent({ home, words: ['join'], stop, limitMs });
  }

  const status = (words: string) =>
    `require('fs').writeFileSync(require('path').join(__dirname, 'status.json'), JSON.stringify(${words}));`;
  /** As a module: it has neither `require` nor a folder of its own. */
  const module = (body: string) =>
    `import { createRequire } from 'node:module'; import { dirname } from 'node:path'; import { fileURLToPath } from 'node:url';
     const require = createRequire(import.meta.url); const __dirname = dirname(fileURLToPath(import.meta.url));
     setInterval(() => undefined, 1000); ${body}`;

  it('is passed by one that says that it is online', async () => {
    const passed = await trialOf(module(status(`{ pid: process.pid, state: 'online' }`)), 30_000);
    expect(passed).toEqual({ kind: 'welcomed' });
  });

  it('is not passed by one that never gets a link, or only another process does', async () => {
    const alone = await trialOf(module(status(`{ pid: process.pid, state: 'connecting' }`)), 1_000);
    expect(alone).toEqual({ kind: 'failed', reason: 'it was not connected within 1 s' });
    const other = await trialOf(module(status(`{ pid: 1, state: 'online' }`)), 1_000);
    expect(other.kind).toBe('failed');
  });

  it('ends with one that ends, and has its words', async () => {
    const ended = await trialOf(`console.error('labwatch: The key is gone.'); process.exitCode = 1;`, 30_000);
    expect(ended).toEqual({ kind: 'failed', reason: 'it ended with status 1 (The key is gone)' });
  });

  it('ends when somebody wants the agent to end', async () => {
    const stopped = await trialOf(module(''), 30_000, { stopped: Promise.resolve(null) });
    expect(stopped).toEqual({ kind: 'stopped' });
  });

  it('is over for an agent whose trier is gone', async () => {
    const watch = join(projectFolder, 'src', 'worker', 'stop-watch.ts');
    const program = `const { watchForStop } = await import(${JSON.stringify(watch)});
      setInterval(() => undefined, 1000);
      console.log('watches');
      await watchForStop({ nowMs: Date.now, monotonicMs: () => performance.now() }).stopped;
      process.exit(42);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stdout?.once('data', resolve));
    child.disconnect();
    expect(await ended).toBe(42);
  });
});

describe('what came of an update', () => {
  it('is told once', () => {
    const home = homeWith();
    const around = { home, command: 'labwatch worker', agentFile: home.agentFile };
    const outcome = { kind: 'updated', message: 'Updated from 1.0.0 to 2.0.0.' };
    writeFileSync(home.updateFile, JSON.stringify(outcome));
    expect(takeUpdateOutcome(around)).toEqual(outcome);
    expect(takeUpdateOutcome(around)).toBeNull();
  });

  it('is that it was cut off where the newer file still lies there, but not for the newer agent itself', () => {
    const home = homeWith();
    const around = { home, command: 'labwatch worker' };
    writeFileSync(home.nextAgentFile, GOOD);
    expect(takeUpdateOutcome({ ...around, agentFile: home.nextAgentFile })).toBeNull();
    expect(existsSync(home.nextAgentFile)).toBe(true);
    expect(takeUpdateOutcome({ ...around, agentFile: home.agentFile })?.message).toMatch(/^An update was cut off\./);
    expect(existsSync(home.nextAgentFile)).toBe(false);
  });

  it('is nothing where the file holds something else', () => {
    const home = homeWith();
    const around = { home, command: 'labwatch worker', agentFile: home.agentFile };
    for (const text of ['', '{}', '[]', '{"kind":"paired","message":"x"}', '{"kind":"updated"}']) {
      writeFileSync(home.updateFile, text);
      expect(takeUpdateOutcome(around)).toBeNull();
    }
  });

  it('names the line that says what went wrong', () => {
    expect(errorLine('')).toBeNull();
    expect(errorLine('file:1\n  foo(\nSyntaxError: Unexpected end.\n    at x\n\nNode.js v24\n')).toBe(
      'SyntaxError: Unexpected end',
    );
    expect(errorLine('first\nlabwatch: It is late.\n')).toBe('It is late');
    expect(errorLine('one\ntwo\n')).toBe('two');
    expect(errorLine('x'.repeat(5_000))).toHaveLength(200);
  });
});
