/**
 * Agents updated from end to end: the coordinator is a whole Labwatch of a newer version (the build of this one in a folder of
 * its own), the agents are the built file in the home where the pasted command would have put it.
 */
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import type { WorkerEvent } from '../../src/core/metrics/sample.ts';
import { createThreadedStore } from '../../src/node/storage/store.ts';
import { labwatch, type Running } from '../cli/process.ts';
import { projectFolder } from '../support/source.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { AGENT_FILE, freePort, isLive, type Lab, workerWhen } from './lab.ts';
import { openTaskLab } from './task-lab.ts';

const { version: OLD } = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as { version: string };
const NEW = '77.7.7';

/** A Labwatch of the version NEW; the agent that it hands out may be another program. */
function newerLabwatch() {
  const folder = tempFolder();
  for (const name of ['bin', 'out']) cpSync(join(projectFolder, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'scripts'));
  copyFileSync(join(projectFolder, 'scripts', 'bundled-node.mjs'), join(folder, 'scripts', 'bundled-node.mjs'));
  symlinkSync(join(projectFolder, 'node_modules'), join(folder, 'node_modules'));
  const manifest = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...manifest, version: NEW }));
  const bin = join(folder, 'bin', readdirSync(join(folder, 'bin'))[0] ?? '');
  return {
    command: (args: readonly string[]) => [process.execPath, bin, ...args],
    handOut: (program: string) => writeFileSync(join(folder, 'out', 'agent', 'labwatch-agent.mjs'), program),
  };
}

/** The built agent, said to be of another version. */
function agentOf(version: string): string {
  const text = readFileSync(AGENT_FILE, 'utf8');
  const changed = text.replaceAll(`\`${OLD}\``, `\`${version}\``).replaceAll(`"${OLD}"`, `"${version}"`);
  expect(changed).not.toBe(text);
  return changed;
}

/** Says the right version and does something else when it is started. */
function agentThat(does: string): string {
  return `if (process.argv[2] === '--version') console.log('${NEW}'); else { ${does} }\n`;
}

async function openUpdateLab() {
  const newer = newerLabwatch();
  newer.handOut(agentOf(NEW));
  const lab = await openTaskLab(newer.command);
  const home = lab.home('rig-a');
  const file = join(home, 'agent.mjs');
  mkdirSync(home, { mode: 0o700 });
  copyFileSync(AGENT_FILE, file);
  return {
    ...{ lab, newer, home, file },
    /** Joins as the pasted command does. */
    async join(...words: readonly string[]): Promise<Running> {
      const code = await lab.invite();
      const agent = lab.agentFrom(file, 'rig-a', 'join', code, '--name', 'rig-a', ...words);
      await agent.saw(/Connected/);
      await workerWhen(lab, isLive);
      return agent;
    },
    update: () => labwatch(['workers', 'update', 'rig-a', '--data-dir', lab.dataDir]),
  };
}

/** Ends the coordinator and answers what it has noted of updates. */
async function updateEvents(lab: Lab): Promise<readonly Pick<WorkerEvent, 'kind' | 'message'>[]> {
  const [worker] = await lab.remote();
  lab.headless().child.kill('SIGTERM');
  await lab.headless().exited;
  const store = createThreadedStore({ dataDir: lab.dataDir, log: { info() {}, warn() {}, error() {} } });
  await store.open();
  const events = await store.events(worker!.workerId, 0, Date.now() + 60_000);
  await store.dispose();
  if (!events.ok) throw new Error(events.error.message);
  return events.value
    .filter(({ kind }) => kind === 'updated' || kind === 'update-failed')
    .map(({ kind, message }) => ({ kind, message }));
}

const runs = (version: string) => (worker: Awaited<ReturnType<typeof workerWhen>>) =>
  isLive(worker) && worker.remote?.agentVersion === version && !worker.remote.isUpdating;

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('an agent that is updated', () => {
  it('runs the newer program under its own process id, and its tasks go on and run once', async () => {
    const { lab, home, file, join: joinLab, update } = await openUpdateLab();
    const agent = await joinLab('--run-tasks');
    await workerWhen(lab, ({ runsTasks, capabilities }) => runsTasks && capabilities.length > 0);
    const run = await lab.submit({
      name: 'long',
      tasks: [1, 2, 3].map((n) => ({
        ...{ name: `t${n}`, shell: true, command: lab.noted('sleep 8') },
        needs: { cores: 0.1, labels: {} },
      })),
    });
    await expect.poll(() => lab.ledger().length, { timeout: 30_000 }).toBeGreaterThan(0);
    const updated = await update();
    expect(updated).toMatchObject({ code: 0, stderr: '', stdout: `rig-a is updated from ${OLD} to ${NEW}.\n` });
    await workerWhen(lab, runs(NEW));
    expect(readFileSync(file, 'utf8')).toBe(agentOf(NEW));
    expect(readFileSync(join(home, 'agent.previous.mjs')).equals(readFileSync(AGENT_FILE))).toBe(true);
    expect(existsSync(join(home, 'agent.next.mjs'))).toBe(false);
    const status = JSON.parse((await lab.agentFrom(file, 'rig-a', 'status', '--json').exited).stdout);
    expect(status).toMatchObject({ isRunning: true, status: { agentVersion: NEW, pid: agent.child.pid } });
    const finished = await lab.finished(run.runId);
    expect(finished.counts.succeeded).toBe(3);
    const details = await lab.details(run.runId);
    expect(details.map(({ attempts }) => attempts.length)).toEqual([1, 1, 1]);
    expect(lab.ledger().filter((line) => line.startsWith('begin '))).toHaveLength(3);

    expect(await update()).toMatchObject({ code: 0, stderr: '', stdout: `rig-a runs ${NEW} already.\n` });
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toMatchObject({ code: 0, stderr: '' });
    expect(await updateEvents(lab)).toEqual([{ kind: 'updated', message: `Updated from ${OLD} to ${NEW}.` }]);
  });

  it('runs the old program again where the newer one does not come back, and says why', async () => {
    const { lab, newer, home, file, join: joinLab, update } = await openUpdateLab();
    newer.handOut(agentThat(`console.error('Error: no such thing.'); process.exit(7);`));
    await joinLab();
    const updated = await update();
    expect(updated.code).toBe(1);
    const sentence = `The update to ${NEW} did not come back: it ended with status 7 (Error: no such thing). ${OLD} runs again.`;
    expect(updated.stderr).toBe(`labwatch: rig-a: ${sentence}\n`);
    await workerWhen(lab, runs(OLD));
    expect(readFileSync(file).equals(readFileSync(AGENT_FILE))).toBe(true);
    expect(readdirSync(home).filter((name) => /next|previous|update/.test(name))).toEqual([]);
    expect(await updateEvents(lab)).toEqual([{ kind: 'update-failed', message: sentence }]);
  });

  it('goes on undisturbed where what came is no program, or one of another version', async () => {
    const { lab, newer, file, join: joinLab, update } = await openUpdateLab();
    const agent = await joinLab();
    newer.handOut('this is no program');
    expect((await update()).stderr).toMatch(/^labwatch: rig-a: The new agent does not run there: SyntaxError.*\n$/);
    newer.handOut(agentOf('5.5.5'));
    expect((await update()).stderr).toContain(`The new agent says that it is 5.5.5, not ${NEW}.`);
    expect(await workerWhen(lab, isLive)).toMatchObject({ remote: { agentVersion: OLD, isUpdating: false } });
    expect(readFileSync(file).equals(readFileSync(AGENT_FILE))).toBe(true);
    agent.child.kill('SIGTERM');
    expect((await agent.exited).stdout).not.toContain('Trying');
    expect(await updateEvents(lab)).toEqual([]);
  });

  it('is the old one still when it is killed in the middle of the change, and tells that it was cut off', async () => {
    const { lab, newer, file, join: joinLab } = await openUpdateLab();
    newer.handOut(agentThat('setInterval(() => undefined, 1000); process.on("disconnect", () => process.exit(0));'));
    const agent = await joinLab();
    const asked = lab.call('workers.update', { worker: 'rig-a' }).catch(() => null);
    await agent.saw(/Trying version/);
    agent.child.kill('SIGKILL');
    await agent.exited;
    const next = lab.agentFrom(file, 'rig-a', 'join');
    await next.saw(/Connected/);
    await asked;
    await workerWhen(lab, runs(OLD));
    expect(await updateEvents(lab)).toEqual([
      { kind: 'update-failed', message: `An update was cut off. ${OLD} runs on.` },
    ]);
  });

  it('lives on in a child where a process cannot become another program, and ends with it', async () => {
    const { lab, file, join: joinLab, update } = await openUpdateLab();
    const first = await joinLab();
    first.child.kill('SIGTERM');
    await first.exited;
    const node = [process.execPath, '--import', 'data:text/javascript,delete process.execve'];
    const agent = lab.run([...node, file, 'join', '--home', lab.home('rig-a')]);
    await agent.saw(/Connected/);
    await workerWhen(lab, isLive);
    expect((await update()).stdout).toBe(`rig-a is updated from ${OLD} to ${NEW}.\n`);
    await workerWhen(lab, runs(NEW));
    const { status } = JSON.parse((await lab.agentFrom(file, 'rig-a', 'status', '--json').exited).stdout);
    expect(status.pid).not.toBe(agent.child.pid);
    agent.child.kill('SIGTERM');
    expect(await agent.exited).toMatchObject({ code: 0, stderr: '' });
    await workerWhen(lab, ({ link }) => link === 'unreachable');
  });

  it('is dialled again where it waits for that', async () => {
    const { lab, file, update } = await openUpdateLab();
    const agent = lab.agentFrom(file, 'rig-a', 'listen', '--port', String(await freePort()), '--name', 'rig-a');
    const said = await agent.saw(/workers dial LWL1-\S+\n/);
    await lab.call('workers.dial', { code: /LWL1-\S+/.exec(said)?.[0] ?? '' });
    await workerWhen(lab, isLive);
    expect((await update()).stdout).toBe(`rig-a is updated from ${OLD} to ${NEW}.\n`);
    await workerWhen(lab, runs(NEW));
  });

  it('is refused where the agent’s file is write-protected', async () => {
    const { lab, file, join: joinLab, update } = await openUpdateLab();
    await joinLab();
    chmodSync(file, 0o400);
    expect((await update()).stderr).toMatch(/write-protected: its owner wants no updates\.\n$/);
    expect(await workerWhen(lab, isLive)).toMatchObject({ remote: { agentVersion: OLD, isUpdating: false } });
  });

  it('is refused where the agent belongs to an installed Labwatch', async () => {
    const { lab, update } = await openUpdateLab();
    const agent = lab.agent('rig-a', 'join', await lab.invite(), '--name', 'rig-a');
    await agent.saw(/Connected/);
    await workerWhen(lab, isLive);
    const refused = await update();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/does not run from a file of its own; update the Labwatch that it belongs to\.\n$/);
  });

  it('is found by --all, which leaves alone those that need nothing', async () => {
    const { lab, join: joinLab } = await openUpdateLab();
    await joinLab();
    const wish = (...words: readonly string[]) => labwatch(['workers', 'update', ...words, '--data-dir', lab.dataDir]);
    const all = () => wish('--all');
    expect(await wish()).toMatchObject({ code: 2, stderr: 'labwatch: Name a worker, or say --all.\n' });
    expect(await wish('rig-a', '--all')).toMatchObject({
      code: 2,
      stderr: 'labwatch: A worker and --all are two wishes.\n',
    });
    expect(await all()).toMatchObject({ code: 0, stdout: `rig-a is updated from ${OLD} to ${NEW}.\n` });
    expect(await all()).toMatchObject({ code: 0, stdout: 'Every worker in reach runs this version of the agent.\n' });
  });
});
