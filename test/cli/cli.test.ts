import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SETTING_KEYS } from '../../src/core/settings/settings.ts';
import { onTerminal } from '../app/pseudo-terminal.ts';
import { labwatch, labwatchCommand, type Running, startLabwatch, temporaryFolder, unprivileged } from './process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
const started: Running[] = [];

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    child.kill('SIGKILL');
    await exited;
  }
  folder.dispose();
});

async function runningInstance(where = dataDir): Promise<Running> {
  const running = startLabwatch(['headless', '--data-dir', where]);
  started.push(running);
  await running.saw(/watches/);
  return running;
}

function here(...args: string[]) {
  return labwatch([...args, '--data-dir', dataDir]);
}

describe('what a person may type wrongly', () => {
  it.each([
    [['stauts'], /unknown command 'stauts' \(Did you mean status\?\)/],
    [['status', '--wacth'], /unknown option '--wacth' \(Did you mean --watch\?\)/],
    [['status', 'all'], /too many arguments for 'status'/],
    [['headless', '--level', 'loud'], /Allowed choices are basic, standard, detailed, intensive/],
    [['headless', '--level'], /argument missing/],
    [['headless', '--duration', 'soon'], /such as 30s, 10m or 2h/],
    [['settings', 'get', 'colour'], /no setting colour\. Those there are: level, /],
    [['settings', 'set', 'level'], /missing required argument 'value'/],
    [['settings', 'set', 'level', 'loud'], /level must be one of basic, standard, detailed, intensive/],
    [['settings', 'set', 'retention.rawHours', '0'], /a number of hours from 1 to 720/],
  ])('labwatch %j ends with 2 and one line that helps', async (args, sentence) => {
    const { code, stdout, stderr } = await labwatch([...args, '--data-dir', dataDir]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^labwatch: [^\n]*\n$/);
    expect(stderr).toMatch(sentence);
  });

  it('shows the commands there are when none is given, and ends with 2', async () => {
    const { code, stderr } = await labwatch([]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/Commands:\n.*headless/s);
  });
});

describe('what a person asks for', () => {
  it('prints its version', async () => {
    expect(await labwatch(['--version'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it.each([
    [],
    ['headless'],
    ['status'],
    ['stop'],
    ['settings'],
    ['settings', 'list'],
    ['settings', 'get'],
    ['settings', 'set'],
    ['doctor'],
  ])('explains itself with an example: labwatch %s %s --help', async (...command) => {
    const { code, stdout, stderr } = await labwatch([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Example:\\n  labwatch ${command.join(' ')}`));
    expect(stdout).toContain('--data-dir');
  });
});

describe('without a running instance', () => {
  it.each([['status'], ['stop']])('labwatch %s ends with 3 and says how to start one', async (command) => {
    const { code, stdout, stderr } = await here(command);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^labwatch: No Labwatch runs on .*labwatch headless.*--data-dir\.\n$/);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('reads the defaults of a folder that is not there, and leaves it so', async () => {
    expect(await here('settings', 'get', 'level')).toMatchObject({ code: 0, stdout: 'standard\n' });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('keeps a setting for the first start', async () => {
    expect(await here('settings', 'set', 'level', 'basic')).toMatchObject({ code: 0, stdout: 'level = basic\n' });
    expect(await here('settings', 'get', 'level', '--json')).toMatchObject({ code: 0, stdout: '{"level":"basic"}\n' });
    const running = startLabwatch(['headless', '--data-dir', dataDir]);
    started.push(running);
    expect(await running.saw(/\n/)).toContain('at level basic');
  });

  it('lets commands and a start on one folder wait for each other', async () => {
    const commands = ['settings set theme dark', 'settings set level basic', 'headless --duration 1s'];
    const exits = await Promise.all(commands.map((command) => here(...command.split(' '))));
    expect(exits.map(({ code, stderr }) => ({ code, stderr }))).toEqual(commands.map(() => ({ code: 0, stderr: '' })));
    expect((await here('settings', 'get', 'theme')).stdout).toBe('dark\n');
    expect((await here('settings', 'get', 'level')).stdout).toBe('basic\n');
  });

  it('says whose folder it is when another user asks', async () => {
    await runningInstance();
    chmodSync(folder.path, 0o755);
    const { code, stderr } = await labwatch(['status', '--data-dir', dataDir], unprivileged());
    if (unprivileged().uid === undefined) return expect(code).toBe(0);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^labwatch: .* belongs to another user\. .*\n$/);
  });

  it('ends with 3 when the instance died and left its lock and socket behind', async () => {
    const running = await runningInstance();
    running.child.kill('SIGKILL');
    await running.exited;
    expect(existsSync(join(dataDir, 'control.sock'))).toBe(true);
    expect((await here('status')).code).toBe(3);
  });

  it('tries database and collectors itself for doctor, and leaves the folder alone', async () => {
    const { code, stdout } = await here('doctor', '--json');
    const report = JSON.parse(stdout) as { isHealthy: boolean; checks: { name: string; state: string }[] };
    expect({ code, isHealthy: report.isHealthy }).toEqual({ code: 0, isHealthy: true });
    const states = Object.fromEntries(report.checks.map(({ name, state }) => [name, state]));
    expect(states).toMatchObject({
      Node: 'ok',
      Instance: 'note',
      Database: 'ok',
      Sampling: 'ok',
      cpu: 'ok',
      memory: 'ok',
    });
    expect(states).toMatchObject({
      Display: expect.any(String),
      Notifications: expect.any(String),
      Tray: expect.any(String),
    });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('says in one line when it has no rights on the data folder', async () => {
    mkdirSync(dataDir, { mode: 0o755 });
    chmodSync(folder.path, 0o755);
    chmodSync(dataDir, 0o555);
    const headless = await labwatch(['headless', '--data-dir', dataDir], unprivileged());
    expect(headless).toMatchObject({ code: 1, stdout: '' });
    expect(headless.stderr).toMatch(/^labwatch: No permission to write the data folder .*--data-dir.*\n$/);
    const doctor = await labwatch(['doctor', '--data-dir', dataDir], unprivileged());
    expect(doctor.code).toBe(1);
    expect(doctor.stdout).toMatch(/■ failed +Data folder +no permission to write .*\n +→ sudo chown/);
  });

  it('says in one line when a file is where the data folder should be', async () => {
    writeFileSync(dataDir, '');
    const { code, stderr } = await here('headless');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^labwatch: .*a file is in the way.*\n$/);
  });
});

describe('with a running instance', () => {
  it('shows workers, figures and age', async () => {
    const running = await runningInstance();
    const { code, stdout } = await here('status');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Labwatch \\d.* \\(headless\\), pid ${running.child.pid}, since \\d{4}-`));
    expect(stdout).toMatch(/^STATE +WORKER +LEVEL +CPU +MEMORY .*AGE$/m);
    expect(stdout).toMatch(/^online +\S+ +standard /m);
  });

  it('prints the same as JSON, in plain units', async () => {
    await runningInstance();
    const report = JSON.parse((await here('status', '--json')).stdout);
    expect(report.instance).toMatchObject({ kind: 'headless', dataDir });
    expect(report.workers[0]).toMatchObject({ isLocal: true, link: 'online', level: 'standard' });
    expect(report.workers[0]).toHaveProperty('ageMs');
  });

  it('finds it by --data-dir before the command and by LABWATCH_DATA_DIR', async () => {
    await runningInstance();
    expect((await labwatch(['--data-dir', dataDir, 'status'])).code).toBe(0);
    expect((await labwatch(['status'], { env: { LABWATCH_DATA_DIR: dataDir } })).code).toBe(0);
  });

  it('keeps two instances on one machine apart', async () => {
    const other = join(folder.path, 'other');
    await runningInstance();
    await runningInstance(other);
    await here('settings', 'set', 'level', 'basic');
    expect((await here('settings', 'get', 'level')).stdout).toBe('basic\n');
    expect((await labwatch(['settings', 'get', 'level', '--data-dir', other])).stdout).toBe('standard\n');
  });

  it('changes a setting at once and lists them all with their meaning', async () => {
    await runningInstance();
    expect((await here('settings', 'set', 'retention.rawHours', '72')).stdout).toBe('retention.rawHours = 72\n');
    const { stdout } = await here('settings', 'list');
    expect(stdout).toMatch(/^retention\.rawHours +72 hours +\S+/m);
    for (const key of SETTING_KEYS) expect(stdout).toContain(key);
    const report = JSON.parse((await here('settings', 'list', '--json')).stdout);
    expect(report).toMatchObject({ 'retention.rawHours': 72, theme: 'system' });
  });

  it('names the instance and its collectors for doctor', async () => {
    const running = await runningInstance();
    const { code, stdout } = await here('doctor');
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`● ok +Instance +headless .*pid ${running.child.pid}`));
    expect(stdout).toMatch(/● ok +History +/);
    expect(stdout).toMatch(/● ok +cpu +/);
  });

  it('ends with stop, and the folder is free when stop returns', async () => {
    const running = await runningInstance();
    expect(await here('stop')).toMatchObject({ code: 0, stdout: 'Stopped.\n' });
    expect(await running.exited).toMatchObject({ code: 0 });
    expect((await here('status')).code).toBe(3);
  });
});

describe('labwatch status --watch', () => {
  function watch(...args: string[]): Running {
    const running = startLabwatch(['status', '--watch', '--data-dir', dataDir, ...args]);
    started.push(running);
    return running;
  }

  it('prints a snapshot and then patches as JSON lines until Ctrl+C', async () => {
    await runningInstance();
    const running = watch('--json');
    await running.saw(/(.*\n){3}/);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.exited;
    const kinds = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { kind: string }).kind);
    expect({ code, kinds: kinds.slice(0, 2) }).toEqual({ code: 0, kinds: ['snapshot', 'patch'] });
  });

  it('ends with 3 and says so when the instance goes away', async () => {
    const instance = await runningInstance();
    const running = watch();
    await running.saw(/cpu \d+ %/);
    instance.child.kill('SIGTERM');
    expect(await running.exited).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^labwatch: .* has stopped.*labwatch status.*\n$/),
    });
  });

  it('keeps a table current on a terminal and gives the terminal back on q', async () => {
    await runningInstance();
    const command = labwatchCommand(['status', '--watch', '--data-dir', dataDir]);
    const terminal = onTerminal(command, { columns: 120, rows: 20 });
    await terminal.saw(/online .*standard/);
    await here('settings', 'set', 'level', 'detailed');
    await terminal.saw(/online .*detailed/);
    terminal.press('q');
    const { code, modesBefore, modesAfter } = await terminal.ended;
    expect({ code, modesAfter }).toEqual({ code: 0, modesAfter: modesBefore });
    expect(terminal.output()).toContain('\u001b[?1049l');
  });
});
