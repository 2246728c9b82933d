import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { measureCost, processTree } from '../../support/process-cost.ts';

/** A process that runs a program, and tells when it has begun. */
async function run(program: string): Promise<number> {
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child.pid ?? Number.NaN;
}

describe.runIf(process.platform === 'linux')('what a tree of processes costs', () => {
  test('a busy process costs far more than one that waits', async () => {
    const busy = await run("process.stdout.write('x'); for (;;);");
    const idle = await run("process.stdout.write('x'); setInterval(() => {}, 60000);");
    const [busyCost, idleCost] = await Promise.all([measureCost(busy, 2000), measureCost(idle, 2000)]);
    expect(busyCost.cpuPercentOfCore).toBeGreaterThan(10 * Math.max(idleCost.cpuPercentOfCore, 1));
    expect(idleCost.cpuPercentOfCore).toBeLessThan(5);
  });

  test('memory that a process fills is in its cost', async () => {
    const idle = await run("process.stdout.write('x'); setInterval(() => {}, 60000);");
    const full = await run(
      "globalThis.kept = Buffer.alloc(100e6, 1); process.stdout.write('x'); setInterval(() => {}, 60000);",
    );
    const [idleCost, fullCost] = await Promise.all([measureCost(idle, 100), measureCost(full, 100)]);
    expect(fullCost.pssMegabytes - idleCost.pssMegabytes).toBeGreaterThan(95);
    expect(fullCost.pssMegabytes - idleCost.pssMegabytes).toBeLessThan(120);
  });

  test('children, and children that have ended, count with their parent', async () => {
    const parent = await run(`
      const { spawn, spawnSync } = require('node:child_process');
      spawnSync(process.execPath, ['-e', 'const end = performance.now() + 700; while (performance.now() < end);']);
      spawn(process.execPath, ['-e', 'setInterval(() => {}, 60000)']);
      process.stdout.write('x');
      setTimeout(() => {
        spawnSync(process.execPath, ['-e', 'const end = performance.now() + 1000; while (performance.now() < end);']);
      }, 200);
    `);
    expect(processTree(parent)).toHaveLength(2);
    const cost = await measureCost(parent, 3000);
    expect(cost.cpuPercentOfCore).toBeGreaterThan(8);
    process.kill(processTree(parent)[1] ?? Number.NaN, 'SIGKILL');
  });
});
