/** `labwatch simulate --swf` as a process. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { labwatch } from './process.ts';

/** The small one, which comes last, is the first of those that wait. */
const TRACE = ['; Version: 2.2', '1 0 -1 100 2', '2 10 -1 50 2', '3 100 -1 10 1', ''].join('\n');

describe('labwatch simulate --swf', () => {
  test.each([
    ['plain', TRACE],
    ['gzipped', gzipSync(TRACE)],
  ])('runs a trace, tells how long jobs waited, and writes when each began and ended', async (name, bytes) => {
    const folder = tempFolder();
    const [trace, events] = [join(folder, `${name}.swf`), join(folder, 'events.csv')];
    writeFileSync(trace, bytes);
    // As recorded: 310 core seconds within 100 s on two cores are a load of 1.55.
    const asked = ['--swf', trace, '--processors', '2', '--load', '1.55', '--events', events];
    const told = await labwatch(['simulate', ...asked, '--json']);
    expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(told.stdout)).toMatchObject({
      jobs: 3,
      longestWaitSeconds: 100,
      meanWaitSeconds: 100 / 3,
    });
    expect(readFileSync(events, 'utf8')).toBe('job,start,end\n1,0,100\n3,100,110\n2,110,160\n');
  });

  test.each([
    [['--swf', 'nothing.swf', '--processors', '2', '--load', '1'], /nothing\.swf cannot be read as a trace/],
    [['--swf', 'nothing.swf'], /Give --processors and --load/],
    [['--processors', 'two'], /whole number/],
    [['--swf', 'nothing.swf', '--nodes', 'nodes.csv'], /run one at a time/],
  ])('%j ends with 2 and says why', async (args, why) => {
    const { code, stderr } = await labwatch(['simulate', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(why);
  });
});
