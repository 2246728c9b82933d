import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { labwatch, labwatchCommand, type Running, startProgram, temporaryFolder } from './process.ts';

const DOC = readFileSync(fileURLToPath(new URL('../../docs/cli.md', import.meta.url)), 'utf8');

interface Example {
  readonly command: string;
  readonly exitCode: number;
}

/** The commands of all `sh` blocks in their order; `# exit N` after one says how it ends. */
function examplesIn(text: string): readonly Example[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.trim().split('\n'))
    .map((line) => {
      const [command = '', comment = ''] = line.split(' # exit ');
      return { command: command.trim(), exitCode: Number(comment) };
    });
}

describe('docs/cli.md', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const background: Running[] = [];
  beforeAll(async () => {
    folder = temporaryFolder();
    mkdirSync(join(folder.path, 'bin'));
    const shim = join(folder.path, 'bin', 'labwatch');
    writeFileSync(shim, `#!/bin/sh\nexec ${labwatchCommand([]).join(' ')} "$@"\n`);
    chmodSync(shim, 0o755);
    // Whoever else runs here may hold the port that stands in the documents.
    const { code } = await shell('exec labwatch settings set listener.port 0').exited;
    expect(code).toBe(0);
    // The tests themselves keep this machine busy.
    expect((await shell('exec labwatch settings set scheduling.heedsOtherLoad false').exited).code).toBe(0);
  });
  afterAll(async () => {
    for (const { child, exited } of background) {
      child.kill('SIGKILL');
      await exited;
    }
    folder.dispose();
  });

  function shell(command: string): Running {
    const env = { PATH: `${folder.path}/bin:${process.env.PATH}`, LABWATCH_DATA_DIR: join(folder.path, 'data') };
    return startProgram(['bash', '-o', 'pipefail', '-c', command], { env, cwd: folder.path });
  }

  it.each(examplesIn(DOC))('`$command` ends with $exitCode', async ({ command, exitCode }) => {
    if (command.endsWith('&')) {
      const running = shell(`exec ${command.slice(0, -1)}`);
      background.push(running);
      await running.saw(/\n/);
      return;
    }
    const running = shell(command.includes('|') ? command : `exec ${command}`);
    if (command.includes('--watch')) {
      await running.saw(/\n/);
      running.child.kill('SIGINT');
    }
    const { code, stdout, stderr } = await running.exited;
    expect({ code, stderr: exitCode === 0 ? stderr : '' }).toEqual({ code: exitCode, stderr: '' });
    if (exitCode !== 0) expect(stderr).toMatch(/^labwatch: .*\n$/);
    if (command.includes('--json')) for (const line of stdout.trim().split('\n')) JSON.parse(line);
  });

  it('shows every command and every option there is', async () => {
    const commands = commandsIn((await labwatch(['--help'])).stdout);
    expect(commands).toContain('headless');
    for (const command of commands) {
      expect(DOC).toContain(`labwatch ${command}`);
      const help = (await labwatch([command, '--help'])).stdout;
      for (const sub of commandsIn(help)) expect(DOC).toContain(`labwatch ${command} ${sub}`);
      for (const [option] of help.matchAll(/--[a-z-]+/g)) expect(DOC).toContain(option);
    }
  });
});

/** Names under `Commands:` in a help text. */
function commandsIn(help: string): readonly string[] {
  const [, list = ''] = help.split('\nCommands:\n');
  return [...(list.split('\n\n')[0]?.matchAll(/^ {2}([a-z]+)/gm) ?? [])].map(([, name = '']) => name);
}
