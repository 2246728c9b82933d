/** Attempts under another user than the agent's: its rights, its home, its groups, its own scratch folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/node/system-clock.ts';
import { systemTimers } from '../../../src/node/system-timers.ts';
import { openAttemptHost } from '../../../src/node/tasks/attempt-host.ts';
import { makePlace, placeOf } from '../../../src/node/tasks/attempt-place.ts';
import { createBroughtFiles } from '../../../src/node/tasks/brought-files.ts';
import { prepare } from '../../../src/node/tasks/preparing.ts';
import { openScratchRoot } from '../../../src/node/tasks/scratch-root.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { anOrder, anyTerms, openWorkbench, shell } from './workbench.ts';

const isRoot = process.getuid?.() === 0;
const idOf = (...words: readonly string[]) => spawnSync('id', [...words, 'nobody'], { encoding: 'utf8' }).stdout.trim();

async function opening(asUser: string) {
  const opened = await openAttemptHost({
    folder: tempFolder(),
    terms: { ...anyTerms, asUser },
    clock: systemClock,
    timers: systemTimers,
    log: { info() {}, warn() {}, error() {} },
    onReport() {},
    onPulses() {},
  });
  if (opened.ok) await opened.value.dispose();
  return opened;
}

describe('another user', () => {
  // Only root may become somebody else.
  test.skipIf(!isRoot)('runs what it is given, with its own rights, in a scratch folder of its own', async () => {
    const bench = await openWorkbench({ asUser: 'nobody' });
    const script =
      'id -u; id -g; id -G; echo "$HOME $USER"; : > made && cat made && cd "$LABWATCH_SCRATCH" && ls; cat /etc/shadow';
    const { attemptId, end } = await bench.run({ command: shell(script), fetch: ['made'] });
    const [uid, gid, groups, names, ...rest] = (await bench.output(attemptId)).toString().split('\n');
    expect([uid, gid, groups]).toEqual([idOf('-u'), idOf('-g'), idOf('-G')]);
    expect(names).toMatch(/ nobody$/);
    expect(rest[0]).toBe('made');
    expect(rest.join(' ')).toMatch(/shadow: Permission denied/);
    expect(end?.files.map(({ path }) => path)).toEqual(['made']);
    await bench.host.forget([attemptId]);
  });

  test.skipIf(!isRoot)(
    'can neither list nor enter what is not its own, and nothing is left when it is forgotten',
    async () => {
      const bench = await openWorkbench({ asUser: 'nobody' });
      const { attemptId } = await bench.run({ command: shell('echo "$LABWATCH_SCRATCH"') });
      const scratch = (await bench.output(attemptId)).toString().trim();
      expect(statSync(scratch)).toMatchObject({ uid: Number(idOf('-u')) });
      expect([statSync(scratch).mode & 0o777, lstatSync(dirname(scratch)).mode & 0o777]).toEqual([0o700, 0o711]);
      const spy = await bench.run({ command: shell(`ls ${dirname(scratch)} || ls ${bench.folder} || exit 3`) });
      expect(spy.end?.exitCode).toBe(3);
      await bench.host.forget([attemptId, spy.attemptId]);
      expect(existsSync(scratch)).toBe(false);
    },
  );

  test.skipIf(!isRoot)('comes to its scratch folder only when all that was brought lies in it', async () => {
    const [folder, scratchRoot] = [tempFolder(), tempFolder()];
    const place = placeOf(folder, scratchRoot, anOrder().attemptId);
    makePlace(place);
    const seen: object[] = [];
    const brought = {
      ...createBroughtFiles(folder),
      async place(_: unknown, scratch: string) {
        writeFileSync(join(scratch, 'data'), '');
        const { uid, mode } = statSync(scratch);
        seen.push({ uid, rights: mode & 0o777, isInPlace: existsSync(place.scratch) });
        return null;
      },
    };
    const user = { name: 'nobody', uid: Number(idOf('-u')), gid: Number(idOf('-g')), home: '/', shell: '/bin/sh' };
    const surroundings = { brought, base: {}, user, groupFor: null, programs: null };
    const files = [{ to: 'data', bytes: 0, sha256: '0'.repeat(64), isExecutable: false }];
    for (let time = 0; time < 2; time += 1) {
      expect(await prepare(anOrder({ attemptId: place.attemptId, files }), place, surroundings)).toMatchObject({
        ok: true,
      });
      expect(statSync(place.scratch).uid).toBe(user.uid);
    }
    expect(seen).toEqual([{ uid: 0, rights: 0o700, isInPlace: false }]);
  });

  test.skipIf(!isRoot)('gains nothing by a link that it planted before an agent begins the task again', async () => {
    const folder = tempFolder();
    const victim = join(tempFolder(), 'victim');
    mkdirSync(victim);
    const sha256 = createHash('sha256').update('bytes').digest('hex');
    const files = [{ to: 'way/data', bytes: 5, sha256, isExecutable: true }];
    const order = anOrder({ command: ['true'], files });
    const place = join(folder, 'attempts', order.attemptId);
    for (const one of [place, join(folder, 'files')]) mkdirSync(one, { recursive: true });
    writeFileSync(join(folder, 'files', sha256), 'bytes');
    writeFileSync(join(place, 'order.json'), JSON.stringify(order));
    const user = { name: 'nobody', uid: Number(idOf('-u')), gid: Number(idOf('-g')), home: '/', shell: '/bin/sh' };
    const root = openScratchRoot(folder, user);
    const scratch = join((root.ok && root.value) || '', order.attemptId);
    mkdirSync(scratch);
    chownSync(scratch, user.uid, user.gid);
    symlinkSync(victim, join(scratch, 'way'));
    const bench = await openWorkbench({ asUser: 'nobody' }, folder);
    await bench.ended(order.attemptId);
    expect([statSync(victim).uid, readdirSync(victim)]).toEqual([0, []]);
    await bench.host.forget([order.attemptId]);
    expect(existsSync(scratch)).toBe(false);
  });

  test.skipIf(!isRoot)('gives away only files of its own, and only those are removed for it', async () => {
    const bench = await openWorkbench({ asUser: 'nobody' });
    const order = anOrder({ command: shell('echo mine > mine; until [ -e go ]; do sleep 0.02; done'), fetch: ['**'] });
    await bench.host.start(order);
    const root = openScratchRoot(bench.folder, { name: 'nobody', uid: 1, gid: 1, home: '/', shell: '/bin/sh' });
    const scratch = join((root.ok && root.value) || '', order.attemptId);
    await expect.poll(() => existsSync(join(scratch, 'mine'))).toBe(true);
    mkdirSync(join(scratch, 'others'));
    writeFileSync(join(scratch, 'others', 'kept'), 'root');
    linkSync(join(scratch, 'others', 'kept'), join(scratch, 'linked'));
    writeFileSync(join(scratch, 'go'), '');
    const { end } = await bench.ended(order.attemptId);
    expect(end?.files.map(({ path }) => path)).toEqual(['mine']);
    expect(end?.filesLeft).toContain('linked could not be read.');
    await bench.host.forget([order.attemptId]);
    expect(readdirSync(scratch)).toEqual(['others']);
    expect(bench.warnings).toContain('What an attempt left could not be removed.');
    rmSync(scratch, { recursive: true });
  });

  test('that does not exist is refused, with what to do', async () => {
    const name = 'no-such-user';
    const message = isRoot
      ? `There is no user ${name} on this machine. Name another one for tasks.`
      : `Only an agent that runs as root can run tasks as ${name}. Start it as root.`;
    expect(await opening(name)).toMatchObject({ ok: false, error: { message } });
  });
});
