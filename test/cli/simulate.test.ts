/** `labwatch simulate` as a process, over small files of its own. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tempFolder } from '../support/temp-folder.ts';
import { labwatch } from './process.ts';

const NODES = 'sn,cpu_milli,memory_mib,gpu,model\nn1,8000,16384,2,T4\nn2,8000,16384,1,A10\nn3,8000,16384,1,A100\n';
const HEAD = 'seq,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec';

function files(arrivals: readonly string[], nodes = NODES) {
  const folder = tempFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path('nodes.csv'), nodes);
  writeFileSync(path('arrivals.csv'), `${[HEAD, ...arrivals].join('\n')}\n`);
  const given = ['--nodes', path('nodes.csv'), '--arrivals', path('arrivals.csv'), '--placements', path('out.csv')];
  return {
    run: (...more: readonly string[]) => labwatch(['simulate', ...given, ...more]),
    placements: () => readFileSync(path('out.csv'), 'utf8').trim().split('\n'),
  };
}

describe('labwatch simulate', () => {
  it('places arrivals one after another and writes where; what fits nowhere waits', async () => {
    const { run, placements } = files([
      '7,1000,1024,1,500,T4',
      '8,1000,1024,1,500,T4',
      '9,1000,1024,1,1000,A10',
      '10,1000,1024,1,1000,A10',
      '11,1000,1024,2,1000,',
      '12,1000,1024,0,0,',
      '13,1000,1024,1,1000,A10|A100',
    ]);
    const { code, stdout } = await run('--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ profile: 'packed', gpuAllocationPercent: 75, placed: 5, waiting: 2 });
    const [head, first, second, ...rest] = placements();
    expect(head).toBe('seq,node,gpus');
    // Halves of one GPU, so that the other stays whole.
    expect([first, second]).toEqual(['7,n1,0', '8,n1,0']);
    expect(rest.map((line) => line.replace(/^12,n\d,$/, '12,n?,'))).toEqual([
      '9,n2,0',
      '10,,',
      '11,,',
      '12,n?,',
      '13,n3,0',
    ]);
  });

  it('says the same in a sentence, and places by the profile that is named', async () => {
    const { run } = files(['0,1000,1024,0,0,']);
    expect((await run('--profile', 'balanced')).stdout).toBe(
      '1 placed, 0 wait; 0.00\u00a0% of the GPUs are given away.\n',
    );
  });

  it.each([
    ['a column that is missing', ['1,2'], NODES, /arrivals\.csv, row 1: expected 6 columns as in the head, found 2\./],
    [
      'a word for a number',
      ['0,many,1,0,0,'],
      NODES,
      /arrivals\.csv, row 1: cpu_milli must be a whole number from 0, found “many”\./,
    ],
    [
      'two halves of GPUs',
      ['0,1,1,2,500,'],
      NODES,
      /row 1: gpu_milli must be 1000, or with one GPU from 1 to 1000, found “500”\./,
    ],
    [
      'a head that lacks columns',
      [],
      'sn,gpu\nn1,2\n',
      /nodes\.csv: the head must name sn, .*; it lacks cpu_milli, memory_mib, model\./,
    ],
    [
      'a node that comes twice',
      [],
      `${NODES}n1,1,1,0,\n`,
      /nodes\.csv, row 4: sn must name a node that no other row names, found “n1”\./,
    ],
    ['no nodes', [], 'sn,cpu_milli,memory_mib,gpu,model\n', /nodes\.csv: expected at least one node, found none\./],
  ])('tells file, row, and what was expected for %s', async (_, arrivals, nodes, message) => {
    const { code, stderr } = await files(arrivals, nodes).run();
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('says what it takes when a file is missing, or a profile unknown', async () => {
    const alone = await labwatch(['simulate', '--nodes', 'nodes.csv']);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--nodes, --arrivals and --placements')]);
    const unknown = await files([]).run('--profile', 'quickest');
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('There is no profile quickest.')]);
    const nowhere = await labwatch(['simulate', '--nodes', '/no/n.csv', '--arrivals', 'a', '--placements', 'p']);
    expect(nowhere.stderr).toContain('/no/n.csv cannot be read: there is no such file.');
  });
});
