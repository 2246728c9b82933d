/** What `labwatch submit` and its neighbours find out before they ask anybody. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { labwatch, labwatchCommand, startProgram, temporaryFolder } from './process.ts';

let folder: ReturnType<typeof temporaryFolder>;
let dataDir: string;

beforeEach(() => {
  folder = temporaryFolder();
  dataDir = join(folder.path, 'data');
});
afterEach(() => folder.dispose());

function here(...args: readonly string[]) {
  return labwatch([...args, '--data-dir', dataDir], { cwd: folder.path });
}

function writePlan(name: string, text: string | Uint8Array): void {
  writeFileSync(join(folder.path, name), text);
}

const RIGHT = '{ "name": "n", "tasks": [{ "name": "unit", "command": ["true"] }] }';

describe('labwatch submit', () => {
  it.each([
    [
      'a wrong plan',
      RIGHT.replace('["true"]', '"ls"'),
      'plan.json: tasks[0].command: found "ls", expected a list of texts',
    ],
    [
      'a text that is no JSON',
      '{ "name": "n",\n}',
      'plan.json: line 2, column 1: found "}", expected a name in double quotes',
    ],
    ['a text that is no UTF-8', Uint8Array.of(0x7b, 0xff), 'plan.json cannot be read as a plan: it is not UTF-8'],
  ])('refuses %s with one line and 2, without asking anybody', async (_what, text, sentence) => {
    writePlan('plan.json', text);
    const { code, stdout, stderr } = await here('submit', 'plan.json');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^labwatch: [^\n]*\.\n$/);
    expect(stderr).toContain(sentence);
    expect(existsSync(dataDir)).toBe(false);
  });

  it('refuses a file that is not there, and a folder', async () => {
    mkdirSync(join(folder.path, 'plans'));
    expect(await here('submit', 'absent.json')).toMatchObject({
      code: 2,
      stderr: 'labwatch: absent.json cannot be read as a plan: there is no such file.\n',
    });
    expect(await here('submit', 'plans')).toMatchObject({ code: 2, stderr: expect.stringContaining('it is a folder') });
  });

  it('reads standard input for -', async () => {
    writePlan('plan.json', RIGHT.replace('unit', ' '));
    const reading = [...labwatchCommand(['submit', '-', '--data-dir', dataDir]), '<', 'plan.json'].join(' ');
    const { exited } = startProgram(['bash', '-c', reading], { cwd: folder.path });
    expect(await exited).toMatchObject({ code: 2, stderr: expect.stringContaining('standard input: tasks[0].name: ') });
  });

  it('says of a right plan that nobody is there to take it', async () => {
    writePlan('plan.json', RIGHT);
    expect(await here('submit', 'plan.json', '--wait')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^labwatch: No Labwatch runs on /),
    });
  });
});

describe('the commands about tasks', () => {
  it.each([
    ['submit'],
    ['runs'],
    ['runs', 'cancel'],
    ['tasks'],
    ['task'],
    ['task', 'show'],
    ['task', 'output'],
    ['task', 'retry'],
    ['task', 'cancel'],
    ['task', 'unpark'],
    ['workers', 'pause'],
    ['workers', 'drain'],
    ['workers', 'resume'],
  ])('explain themselves with an example: labwatch %s %s --help', async (...command) => {
    const { code, stdout, stderr } = await labwatch([...command, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`Example:\\n  labwatch ${command.join(' ')}`));
  });

  it.each([
    ['tasks', '--state', 'asleep'],
    ['tasks', '--limit', '0'],
    ['task', 'output', 'abcd', '--attempt', 'last'],
    ['task', 'show'],
    ['runs', 'cancel'],
  ])('end with 2 and one line that helps: %s %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await here(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^labwatch: [^\n]+ Try `labwatch --help`\.\n$/);
  });
});
