/** Commands as real processes: what they are given, how they end, what is kept of what they wrote. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AttemptId } from '../../../src/core/tasks/task.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, isAlive, openWorkbench, processesOf, shell } from './workbench.ts';

const sumOf = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

describe('an attempt', () => {
  test.each([
    [['/bin/true'], { exitCode: 0, signal: null }],
    [shell('exit 7'), { exitCode: 7, signal: null }],
    [shell('kill -SEGV $$'), { exitCode: null, signal: 'SIGSEGV' }],
    [shell('kill -KILL $$'), { exitCode: null, signal: 'SIGKILL' }],
  ])('that runs %j ends as it ended', async (command, expected) => {
    const bench = await openWorkbench();
    const { end, startedAtMs, endedAtMs } = await bench.run({ command });
    expect(end).toMatchObject({ how: 'exited', message: null, orphansEnded: 0, ...expected });
    expect(endedAtMs! - startedAtMs!).toBeGreaterThanOrEqual(0);
  });

  test('is accepted, runs and ends, each told once and in order', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({});
    expect(
      bench.reports.filter((one) => one.attemptId === attemptId).map(({ state, version }) => [version, state]),
    ).toEqual([
      [1, 'accepted'],
      [2, 'running'],
      [3, 'ended'],
    ]);
  });

  test('whose order comes again runs once', async () => {
    const bench = await openWorkbench();
    const folder = tempFolder();
    const order = anOrder({ command: shell(`echo ran >> ${folder}/ledger`) });
    await Promise.all([bench.host.start(order), bench.host.start(order)]);
    await bench.ended(order.attemptId);
    await bench.host.start(order);
    expect(readFileSync(join(folder, 'ledger'), 'utf8')).toBe('ran\n');
    expect(bench.host.attempts()).toHaveLength(1);
  });

  test('gets its arguments as they are, also those that mean something to a shell', async () => {
    const bench = await openWorkbench();
    const words = ['$HOME', '`id`', '; rm -rf /', '*', '', ' a  b ', '\n', '%41', "'", '"', '🦊', 'ש', '<b>', '\t=\t'];
    const { attemptId } = await bench.run({ command: ['/usr/bin/printf', '%s\\0', ...words] });
    expect((await bench.output(attemptId)).toString()).toBe(words.map((word) => `${word}\0`).join(''));
  });

  test('gets a small environment, its own variables and its marks, and nothing of the agent’s', async () => {
    process.env.LABWATCH_SECRET = 'token';
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({
      command: ['/usr/bin/env', '-0'],
      env: { GREETING: 'a\nb=c', CUDA_VISIBLE_DEVICES: '7' },
      gpuIndexes: [2, 3],
    });
    delete process.env.LABWATCH_SECRET;
    const env = new Map(
      (await bench.output(attemptId))
        .toString()
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const),
    );
    expect(env.get('GREETING')).toBe('a\nb=c');
    expect(env.get('LABWATCH_ATTEMPT')).toBe(attemptId);
    expect([env.get('CUDA_VISIBLE_DEVICES'), env.get('ROCR_VISIBLE_DEVICES'), env.get('HIP_VISIBLE_DEVICES')]).toEqual([
      '2,3',
      '2,3',
      '0,1',
    ]);
    const usual = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
    const marks = ['LABWATCH_ATTEMPT', 'LABWATCH_TASK', 'LABWATCH_SCRATCH', 'GREETING', 'CUDA_DEVICE_ORDER'];
    const gpus = ['CUDA_VISIBLE_DEVICES', 'ROCR_VISIBLE_DEVICES', 'HIP_VISIBLE_DEVICES'];
    expect([...env.keys()].filter((name) => ![...usual, ...marks, ...gpus].includes(name))).toEqual([]);
  });

  test('that was given no GPU sees none', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({ command: shell('echo "[$CUDA_VISIBLE_DEVICES]"') });
    expect((await bench.output(attemptId)).toString()).toBe('[]\n');
  });

  test('reads what it is given on its standard input, or nothing', async () => {
    const bench = await openWorkbench();
    const fed = await bench.run({ command: ['cat'], stdin: 'one\ntwo' });
    expect((await bench.output(fed.attemptId)).toString()).toBe('one\ntwo');
    const unfed = await bench.run({ command: ['cat'] });
    expect(unfed.end).toMatchObject({ how: 'exited', exitCode: 0, outputBytes: 0 });
  });

  test('runs in its folder, or in a fresh scratch folder of its own', async () => {
    const bench = await openWorkbench();
    const folder = tempFolder();
    const there = await bench.run({ command: ['pwd', '-P'], cwd: folder });
    expect((await bench.output(there.attemptId)).toString()).toBe(`${folder}\n`);
    const fresh = await bench.run({
      command: shell('pwd -P; ls -A; test "$(pwd -P)" = "$LABWATCH_SCRATCH" && echo same'),
    });
    expect((await bench.output(fresh.attemptId)).toString()).toMatch(/\/scratch\nsame\n$/);
  });

  test('has the signals that a program expects, though the agent ignores some', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({ command: shell("grep -E '^Sig(Ign|Blk)' /proc/self/status") });
    const masks = [...(await bench.output(attemptId)).toString().matchAll(/:\s+([0-9a-f]+)/g)].map(([, mask]) =>
      BigInt(`0x${mask}`),
    );
    expect(masks).toEqual([0n, 0n]);
  });

  test('whose program is missing says so in its output and its end, with exit code 127', async () => {
    const bench = await openWorkbench();
    // A folder of PATH that nobody may enter is not the program's fault.
    const { attemptId, end } = await bench.run({ command: ['no-such-program', 'x'], env: { PATH: '/root/bin:/bin' } });
    expect(end).toMatchObject({ how: 'exited', exitCode: 127 });
    expect(end?.message).toMatch(/^no-such-program cannot be run: No such file or directory\. Install it there/);
    expect((await bench.output(attemptId)).toString()).toBe(`labwatch: ${end?.message}\n`);
  });

  test('whose program cannot be executed ends with exit code 126', async () => {
    const bench = await openWorkbench();
    const file = join(tempFolder(), 'data');
    writeFileSync(file, 'nothing', { mode: 0o644 });
    const { end } = await bench.run({ command: [file] });
    expect(end).toMatchObject({ how: 'exited', exitCode: 126 });
  });

  test.each([
    [
      { cwd: '/no/such/folder' },
      'The working folder /no/such/folder is not on this machine. Make it, or name another one.',
    ],
    [{ command: ['a\0b'] }, 'No argument, variable or folder can hold a zero byte.'],
    [{ env: { 'A=B': 'c' } }, 'No variable can be called “A=B”. Rename it.'],
    [
      { files: [{ to: 'data', bytes: 1, sha256: '0'.repeat(64), isExecutable: false }] },
      'data was not brought to this machine. Retry the task.',
    ],
    [
      { files: [{ to: '../data', bytes: 1, sha256: '0'.repeat(64), isExecutable: false }] },
      expect.stringContaining('../data'),
    ],
  ])('ordered with %j is not started and says why', async (changes, message) => {
    const bench = await openWorkbench();
    const { end, startedAtMs } = await bench.run(changes);
    expect(end).toMatchObject({ how: 'not-started', exitCode: null, message });
    expect(startedAtMs).toBeNull();
  });

  test('runs only programs that the owner allows, by whichever PATH', async () => {
    const bench = await openWorkbench({ programs: ['true', '/usr/bin/env'] });
    const impostor = tempFolder();
    writeFileSync(join(impostor, 'true'), '#!/bin/sh\nexit 9\n', { mode: 0o755 });
    const allowed = await bench.run({ command: ['true'], env: { PATH: impostor } });
    expect(allowed.end).toMatchObject({ how: 'exited', exitCode: 0 });
    expect((await bench.run({ command: ['env'] })).end).toMatchObject({ how: 'exited', exitCode: 0 });
    for (const command of [shell('true'), [join(impostor, 'true')]]) {
      const { end } = await bench.run({ command });
      expect(end).toMatchObject({ how: 'not-started' });
      expect(end?.message).toMatch(
        /is not among the programs that this machine's owner allows \(true and \/usr\/bin\/env\)/,
      );
    }
  });

  test('of an allowed program gets no variable of its plan that puts other code in its place', async () => {
    const bench = await openWorkbench({ programs: ['env'] });
    const steering = [
      'PATH',
      'LD_PRELOAD',
      'LD_LIBRARY_PATH',
      'DYLD_INSERT_LIBRARIES',
      'GCONV_PATH',
      'BASH_ENV',
      'ENV',
    ];
    const others = ['BASH_FUNC_ls%%', 'PS4', 'PERL5OPT', 'PYTHONPATH', 'PYTHONSTARTUP', 'NODE_OPTIONS', 'RUBYOPT'];
    const env = Object.fromEntries([...steering, ...others].map((name) => [name, '/planned']));
    const { attemptId } = await bench.run({ command: ['env'], env: { ...env, GREETING: 'planned too', LDAP: 'x' } });
    const lines = (await bench.output(attemptId)).toString().split('\n');
    expect(lines.filter((line) => line.includes('/planned'))).toEqual([]);
    expect(lines).toEqual(expect.arrayContaining(['GREETING=planned too', 'LDAP=x']));
  });

  test('is refused where far more run than the owner allows', async () => {
    const bench = await openWorkbench({ maxParallel: 1 });
    const orders = Array.from({ length: 5 }, () => anOrder({ command: ['sleep', '60'] }));
    const answers = await Promise.all(orders.map((order) => bench.host.start(order)));
    expect(answers.map(({ ok }) => ok)).toEqual([true, true, true, true, false]);
  });

  test('is forgotten with all its files', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({ command: shell('mkdir -p a/b; touch a/b/c; chmod 0 a/b a') });
    await bench.host.forget([attemptId]);
    expect(bench.host.attempts()).toEqual([]);
    expect(existsSync(join(bench.folder, 'attempts', attemptId))).toBe(false);
    expect(await bench.host.readOutput(attemptId, 0)).toMatchObject({ ok: false, error: { code: 'not-found' } });
  });

  test('is not forgotten before its end', async () => {
    const bench = await openWorkbench();
    const order = anOrder({ command: ['sleep', '60'] });
    await bench.host.start(order);
    await bench.host.forget([order.attemptId]);
    expect(bench.host.attempts()).toHaveLength(1);
  });
});

describe('the end of an attempt', () => {
  test('comes at its time limit, by SIGTERM where that is enough', async () => {
    const bench = await openWorkbench();
    const { end, usage } = await bench.run({ command: ['sleep', '60'], timeoutMs: 150 });
    expect(end).toMatchObject({ how: 'timed-out', exitCode: null, signal: 'SIGTERM', orphansEnded: 0 });
    expect(usage?.wallMs).toBeGreaterThanOrEqual(150);
  });

  test('comes by SIGKILL after the grace where SIGTERM is ignored, children included', async () => {
    const bench = await openWorkbench();
    const deaf = 'trap "" TERM; sh -c "trap \\"\\" TERM; while :; do sleep 1; done" & while :; do sleep 1; done';
    const { end, usage, attemptId } = await bench.run({ command: shell(deaf), timeoutMs: 100, graceMs: 200 });
    expect(end).toMatchObject({ how: 'timed-out', signal: 'SIGKILL' });
    expect(usage?.wallMs).toBeGreaterThanOrEqual(300);
    expect(processesOf(attemptId)).toEqual([]);
  });

  test('lets a command that cleans up after SIGTERM say how it ended', async () => {
    const bench = await openWorkbench();
    const { end, attemptId } = await bench.run({
      command: shell('trap "echo bye; exit 5" TERM; while :; do sleep 0.05; done'),
      timeoutMs: 200,
      graceMs: 20_000,
    });
    expect(end).toMatchObject({ how: 'timed-out', exitCode: 5, signal: null });
    expect((await bench.output(attemptId)).toString()).toMatch(/bye\n$/);
  });

  test('comes when it is cancelled, stopped processes included', async () => {
    const bench = await openWorkbench();
    const order = anOrder({ command: shell('sleep 60 & kill -STOP $!; wait; exec sleep 60'), graceMs: 20_000 });
    await bench.host.start(order);
    await bench.running(order.attemptId);
    await expect.poll(() => processesOf(order.attemptId).length).toBe(2);
    bench.host.cancel(order.attemptId);
    expect((await bench.ended(order.attemptId)).end).toMatchObject({ how: 'cancelled', signal: 'SIGTERM' });
  });

  test('comes when it is cancelled at once after its order', async () => {
    const bench = await openWorkbench();
    const orders = Array.from({ length: 8 }, () => anOrder({ command: ['sleep', '60'] }));
    for (const order of orders) {
      void bench.host.start(order);
      bench.host.cancel(order.attemptId);
    }
    for (const { attemptId } of orders) expect((await bench.ended(attemptId)).end?.how).toBe('cancelled');
  });

  test('is told of an attempt that never came, and its order is late', async () => {
    const bench = await openWorkbench();
    const order = anOrder();
    bench.host.cancel(order.attemptId);
    expect(await bench.ended(order.attemptId)).toMatchObject({ startedAtMs: null, end: { how: 'cancelled' } });
    await bench.host.start(order);
    await expect.poll(() => bench.reports.map(({ state }) => state)).toEqual(['ended']);
  });

  test('is the end of all that it started: daemons in sessions of their own are counted and ended', async () => {
    const bench = await openWorkbench();
    const folder = tempFolder();
    const daemons = [1, 2, 3].map(
      (n) => `setsid sh -c 'echo $$ > ${folder}/${n}; exec env -i sleep 60' > /dev/null 2>&1 < /dev/null &`,
    );
    const script = `${daemons.join(' ')} while [ "$(ls ${folder} | wc -l)" -lt 3 ]; do sleep 0.01; done; exit 4`;
    const { end } = await bench.run({ command: shell(script) });
    expect(end).toMatchObject({ how: 'exited', exitCode: 4, orphansEnded: 3 });
    const pids = [1, 2, 3].map((n) => Number(readFileSync(join(folder, String(n)), 'utf8')));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('waits for nobody outside who holds its output', async () => {
    const bench = await openWorkbench();
    const { end, attemptId } = await bench.run({ command: shell('setsid sleep 60 & echo said') });
    expect(end).toMatchObject({ how: 'exited', exitCode: 0, orphansEnded: 1 });
    expect((await bench.output(attemptId)).toString()).toBe('said\n');
  });
});

describe('the output of an attempt', () => {
  test('is kept byte by byte, both streams in one order', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({
      command: shell("printf '\\000\\377\\r\\n' ; printf err >&2; printf '\\033[31m'"),
    });
    expect(await bench.output(attemptId)).toEqual(Buffer.from('\0\xff\r\nerr\x1b[31m', 'latin1'));
  });

  test('past its limit keeps the newest bytes, and says how many are gone', async () => {
    const bench = await openWorkbench();
    const limit = 80_000;
    const { attemptId, end } = await bench.run({ command: ['seq', '1', '100000'], outputLimitBytes: limit });
    const whole = Array.from({ length: 100_000 }, (_, at) => `${at + 1}\n`).join('');
    const kept = (await bench.output(attemptId)).toString();
    expect(end?.outputBytes).toBe(whole.length);
    expect(end?.outputDroppedBytes).toBe(whole.length - kept.length);
    expect(whole.endsWith(kept)).toBe(true);
    expect(kept.length).toBeLessThanOrEqual(limit);
    expect(kept.length).toBeGreaterThan(limit * 0.8);
  });

  test('is read from where it begins when older bytes are gone', async () => {
    const bench = await openWorkbench();
    const { attemptId, end } = await bench.run({ command: ['seq', '1', '10000'], outputLimitBytes: 8_000 });
    const read = await bench.host.readOutput(attemptId, 0);
    expect(read).toMatchObject({
      ok: true,
      value: { fromOffset: end?.outputDroppedBytes, totalBytes: end?.outputBytes },
    });
  });

  test('that may not be kept at all is counted', async () => {
    const bench = await openWorkbench();
    const { attemptId, end } = await bench.run({ command: ['echo', 'hello'], outputLimitBytes: 0 });
    expect(end).toMatchObject({ outputBytes: 6, outputDroppedBytes: 6 });
    expect(await bench.host.readOutput(attemptId, 0)).toMatchObject({
      value: { fromOffset: 6, data: '', totalBytes: 6 },
    });
  });

  test('can be read while it grows', async () => {
    const bench = await openWorkbench();
    const go = join(tempFolder(), 'go');
    const order = anOrder({ command: shell(`echo first; until [ -e ${go} ]; do sleep 0.02; done; echo last`) });
    await bench.host.start(order);
    await expect
      .poll(async () => bench.host.readOutput(order.attemptId, 0))
      .toMatchObject({ value: { totalBytes: 6 } });
    writeFileSync(go, '');
    await bench.ended(order.attemptId);
    expect(await bench.host.readOutput(order.attemptId, 6)).toMatchObject({
      value: { data: Buffer.from('last\n').toString('base64'), totalBytes: 11 },
    });
  });
});

describe('files of an attempt', () => {
  test('that are brought lie in its scratch folder before it begins, its own copies', async () => {
    const bench = await openWorkbench();
    const bytes = Buffer.from('#!/bin/sh\necho "# changed" >> "$0"\necho ran\n');
    const sha256 = sumOf(bytes);
    expect(bench.host.missingFiles([sha256, 'x'])).toEqual([sha256, 'x']);
    expect(await bench.host.bringFile(sha256, 0, bytes.length, bytes.subarray(0, 10))).toMatchObject({ ok: true });
    expect(bench.host.missingFiles([sha256])).toEqual([sha256]);
    expect(await bench.host.bringFile(sha256, 10, bytes.length, bytes.subarray(10))).toMatchObject({ ok: true });
    expect(bench.host.missingFiles([sha256])).toEqual([]);
    const files = [{ to: 'bin/run.sh', bytes: bytes.length, sha256, isExecutable: true }];
    for (let time = 0; time < 2; time += 1) {
      const { attemptId } = await bench.run({ command: ['./bin/run.sh'], files });
      expect((await bench.output(attemptId)).toString()).toBe('ran\n');
    }
    expect(sumOf(readFileSync(join(bench.folder, 'files', sha256)))).toBe(sha256);
  });

  test('that arrive otherwise than they were sent are refused and can be sent again', async () => {
    const bench = await openWorkbench();
    const sha256 = sumOf('right');
    expect(await bench.host.bringFile(sha256, 0, 5, Buffer.from('wrong'))).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument' },
    });
    expect(await bench.host.bringFile(sha256, 3, 5, Buffer.from('ht'))).toMatchObject({ ok: false });
    expect(await bench.host.bringFile(sha256, 0, 5, Buffer.from('right'))).toMatchObject({ ok: true });
    expect(await bench.host.bringFile('../../etc', 0, 1, Buffer.from('x'))).toMatchObject({
      ok: false,
      error: { code: 'invalid-argument' },
    });
  });

  test('that are kept shorter than they were sent, as a power cut may leave them, are brought again', async () => {
    const bench = await openWorkbench();
    const sha256 = sumOf('whole');
    await bench.host.bringFile(sha256, 0, 5, Buffer.from('whole'));
    writeFileSync(join(bench.folder, 'files', sha256), '');
    const files = [{ to: 'data', bytes: 5, sha256, isExecutable: false }];
    const { end } = await bench.run({ command: ['cat', 'data'], files });
    expect(end).toMatchObject({ how: 'not-started', message: 'data was not brought to this machine. Retry the task.' });
    expect(bench.host.missingFiles([sha256])).toEqual([sha256]);
    await bench.host.bringFile(sha256, 0, 5, Buffer.from('whole'));
    const again = await bench.run({ command: ['cat', 'data'], files });
    expect((await bench.output(again.attemptId)).toString()).toBe('whole');
  });

  test('that it left and a glob fits are told with their sums and can be read, whatever they are called', async () => {
    const bench = await openWorkbench();
    const script = `mkdir -p out/deep '<b>'; printf 12345 > out/a.txt; printf x > out/deep/b.txt; printf y > 'out/🦊 "q".txt'; printf z > '<b>/c.txt'; printf no > out/d.bin`;
    const { attemptId, end } = await bench.run({ command: shell(script), fetch: ['out/**/*.txt', '<b>/?.txt'] });
    expect(end?.files.map(({ path }) => path)).toEqual(['<b>/c.txt', 'out/a.txt', 'out/deep/b.txt', 'out/🦊 "q".txt']);
    expect(end?.files[1]).toEqual({ path: 'out/a.txt', bytes: 5, sha256: sumOf('12345') });
    expect(await bench.host.readFile(attemptId, 'out/a.txt', 2)).toEqual({
      ok: true,
      value: { fromOffset: 2, data: Buffer.from('345').toString('base64'), totalBytes: 5 },
    });
    expect(await bench.host.readFile(attemptId, 'out/d.bin', 0)).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  test('that are too large, links or no plain files stay, and that is said', async () => {
    const bench = await openWorkbench();
    const outside = tempFolder();
    writeFileSync(join(outside, 'secret'), 'secret');
    mkdirSync(join(outside, 'folder'));
    symlinkSync('/etc', join(outside, 'folder', 'etc'));
    const script = `ln -s ${outside}/secret link; ln -s ${outside} way; mkfifo pipe; head -c 2000 /dev/zero > large; printf ok > small`;
    const { end } = await bench.run({ command: shell(script), fetch: ['**'], fileLimitBytes: 1_000 });
    expect(end?.files.map(({ path }) => path)).toEqual(['small']);
    expect(end?.filesLeft).toEqual(['large is too large (2000 bytes, 1000 at most).']);
  });

  test('that were swapped for a link after they were told are not read', async () => {
    const bench = await openWorkbench();
    const { attemptId, end } = await bench.run({ command: shell('mkdir d; printf mine > d/passwd'), fetch: ['d/*'] });
    expect(end?.files).toHaveLength(1);
    const scratch = join(bench.folder, 'attempts', attemptId, 'scratch');
    renameSync(join(scratch, 'd'), join(scratch, 'e'));
    symlinkSync('/etc', join(scratch, 'd'));
    expect(await bench.host.readFile(attemptId, 'd/passwd', 0)).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
  });

  test('and all else of it are for the agent’s user alone', async () => {
    const bench = await openWorkbench();
    const { attemptId } = await bench.run({ command: ['echo', 'x'], stdin: 'secret' });
    const modes = ['attempts', `attempts/${attemptId}`, `attempts/${attemptId}/scratch`, 'files'].map(
      (path) => statSync(join(bench.folder, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o700, 0o700, 0o700]);
    const files = ['order.json', 'stdin', 'output.0000000000000000'];
    expect(files.map((name) => statSync(join(bench.folder, 'attempts', attemptId, name)).mode & 0o077)).toEqual(
      files.map(() => 0),
    );
  });
});

test('ids that are no names of attempts reach no file', async () => {
  const bench = await openWorkbench();
  const order = anOrder({ attemptId: '../../x.1' as AttemptId });
  expect(await bench.host.start(order)).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
  bench.host.cancel(order.attemptId);
  expect(await bench.host.readOutput(order.attemptId, 0)).toMatchObject({ ok: false });
  expect(bench.host.attempts()).toEqual([]);
});
