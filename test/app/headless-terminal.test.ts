import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningHolder } from '../../src/app/instance-lock.ts';
import { systemClock } from '../../src/node/system-clock.ts';
import { labwatch, labwatchCommand, temporaryFolder } from '../cli/process.ts';
import { onTerminal, type Terminal, type TerminalChoices } from './pseudo-terminal.ts';

const ESC = '\u001b';
const ENTER = `${ESC}[?1049h`;
const LEAVE = `${ESC}[0m${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;
const SIZE = { columns: 100, rows: 30 };

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;
let terminal: Terminal;

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(async () => {
  const pid = (await runningHolder(dataDir, systemClock))?.identity.pid;
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
  await terminal.ended;
  folder.dispose();
});

function headless(choices: TerminalChoices = SIZE, args: readonly string[] = []): Terminal {
  terminal = onTerminal(labwatchCommand(['headless', '--data-dir', dataDir, ...args]), choices);
  return terminal;
}

async function pidOf(): Promise<number> {
  const holder = await runningHolder(dataDir, systemClock);
  if (holder === null) throw new Error('Nothing runs.');
  return holder.identity.pid;
}

describe('labwatch headless on a terminal', () => {
  it('draws live meters and processes, and gives the terminal back on q', async () => {
    headless();
    await terminal.saw(/● online/);
    await terminal.saw(/CPU {5}.*\d+.%/);
    await terminal.saw(/COMMAND/);
    terminal.press('q');
    const { code, modesBefore, modesAfter } = await terminal.ended;
    expect(code).toBe(0);
    expect(modesAfter).toBe(modesBefore);
    expect(terminal.output()).toContain(ENTER);
    expect(terminal.output().trimEnd().endsWith(LEAVE)).toBe(true);
  });

  it('goes to the next level on l, in the view and in the engine', async () => {
    headless();
    await terminal.saw(/standard, every 1 s/);
    terminal.press('l');
    await terminal.saw(/detailed, every 1 s/);
    const { stdout } = await labwatch(['settings', 'get', 'level', '--data-dir', dataDir]);
    expect(stdout).toBe('detailed\n');
    terminal.press('l');
    await terminal.saw(/intensive, every 250 ms/);
    terminal.press('q');
    expect((await terminal.ended).code).toBe(0);
  });

  it.each(['\u0003', 'SIGTERM', 'SIGHUP'])('gives the terminal back on %j', async (cause) => {
    headless();
    await terminal.saw(/● online/);
    if (cause.startsWith('SIG')) process.kill(await pidOf(), cause);
    else terminal.press(cause);
    const { code, modesBefore, modesAfter } = await terminal.ended;
    expect({ code, modesAfter }).toEqual({ code: 0, modesAfter: modesBefore });
    expect(terminal.output().trimEnd().endsWith(LEAVE)).toBe(true);
  });

  it('gives the terminal back before it dies of a bug, and leaves the trace readable', async () => {
    const program = fileURLToPath(new URL('./crash-on-screen.ts', import.meta.url));
    terminal = onTerminal([process.execPath, program], SIZE);
    await terminal.saw(/ready/);
    terminal.press('x');
    const { code, modesBefore, modesAfter } = await terminal.ended;
    expect({ code, modesAfter }).toEqual({ code: 1, modesAfter: modesBefore });
    const [, afterwards] = terminal.output().split(LEAVE);
    expect(afterwards).toContain('Error: a bug');
  });

  it('follows the size of the terminal', async () => {
    headless();
    await terminal.saw(/● online/);
    const device = readlinkSync(`/proc/${await pidOf()}/fd/1`);
    execFileSync('stty', ['-F', device, 'cols', '50', 'rows', '8']);
    await terminal.saw(new RegExp(`${ESC}\\[8;1H[^\\n]*quit`));
    const drawnSince = terminal.output().split(`${ESC}[2J`).at(-1);
    expect(drawnSince).not.toMatch(new RegExp(`${ESC}\\[(9|\\d\\d);1H`));
    terminal.press('q');
    await terminal.ended;
  });

  it('writes only what changed', async () => {
    headless();
    await terminal.saw(/load /);
    const headings = () => terminal.output().split('q\u001b[2m quit').length - 1;
    const ticks = () => terminal.output().split('\u001b[1;1H').length - 1;
    const before = ticks();
    while (ticks() < before + 2) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(headings()).toBe(1);
    terminal.press('q');
    await terminal.ended;
  });

  it('uses no colour under NO_COLOR, and only ASCII outside UTF-8', async () => {
    headless({ ...SIZE, env: { NO_COLOR: '1', LC_ALL: 'C' } });
    await terminal.saw(/\* online/);
    terminal.press('q');
    await terminal.ended;
    const [drawn = ''] = terminal.output().split(LEAVE);
    expect(drawn).not.toMatch(new RegExp(`${ESC}\\[[\\d;]*m`));
    expect(drawn.replaceAll(ESC, '')).toMatch(/^[ -~\r\n]*$/);
  });

  it('prints lines instead of a view where the terminal cannot draw', async () => {
    headless({ ...SIZE, env: { TERM: 'dumb' } }, ['--duration', '1s']);
    expect((await terminal.ended).code).toBe(0);
    expect(terminal.output()).toMatch(/Labwatch .* watches /);
    expect(terminal.output()).not.toContain('\u001b');
  });

  it('leaves the terminal alone as a job in the background', async () => {
    const command = labwatchCommand(['headless', '--data-dir', dataDir, '--duration', '1s']).join(' ');
    terminal = onTerminal(['set -m;', command, '&', 'wait $!'], SIZE);
    expect((await terminal.ended).code).toBe(0);
    expect(terminal.output()).toMatch(/Labwatch .* watches /);
    expect(terminal.output()).not.toContain(ENTER);
  });
});
