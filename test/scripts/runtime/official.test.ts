import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fetchOfficial, findOfficial } from '../../../scripts/runtime/official.ts';
import { tempFolder } from '../../support/temp-folder.ts';

/** A checkout whose electron package has no binary yet, with an installer that puts one there. */
function checkout(): string {
  const project = tempFolder();
  const home = join(project, 'node_modules', 'electron');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: 'electron', version: '45.4.1' }));
  writeFileSync(
    join(home, 'install.js'),
    `const { mkdirSync, writeFileSync } = require('node:fs');
     mkdirSync(__dirname + '/dist');
     writeFileSync(__dirname + '/dist/electron', 'binary');
     writeFileSync(__dirname + '/dist/version', 'v45.4.1');
     writeFileSync(__dirname + '/path.txt', 'electron');`,
  );
  return project;
}

/** A release server on this machine; `answer` undefined means it takes the question and never answers. */
async function releaseServer(answer: number | undefined) {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    if (answer !== undefined) response.writeHead(answer, { 'content-length': 0 }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return { env: { ELECTRON_MIRROR: address }, asked: () => asked };
}

function lines() {
  const said: string[] = [];
  return { said, say: (line: string) => void said.push(line) };
}

describe('the official Electron', () => {
  test('is found when its installer has finished, and not before', async () => {
    const project = checkout();
    const home = join(project, 'node_modules', 'electron');
    mkdirSync(join(home, 'dist'));
    writeFileSync(join(home, 'dist', 'electron'), 'binary');
    writeFileSync(join(home, 'dist', 'version'), '45.4.1');
    expect(findOfficial(project)).toBeUndefined();
    writeFileSync(join(home, 'path.txt'), 'electron');
    expect(findOfficial(project)).toEqual({ executablePath: join(home, 'dist', 'electron'), version: '45.4.1' });
  });

  test('is fetched where the release server answers', async () => {
    const project = checkout();
    const { env } = await releaseServer(200);
    const found = await fetchOfficial(project, tempFolder(), { ...process.env, ...env }, lines().say);
    expect(found?.version).toBe('45.4.1');
  });

  test.each([
    ['does not answer', undefined],
    ['refuses', 403],
  ])('is asked for once a day where the release server %s', async (_, answer) => {
    const project = checkout();
    const cache = tempFolder();
    const { env, asked } = await releaseServer(answer);
    const first = lines();
    expect(await fetchOfficial(project, cache, env, first.say)).toBeUndefined();
    expect(first.said).toHaveLength(1);
    expect(first.said[0]).toContain('cannot be fetched');
    const second = lines();
    expect(await fetchOfficial(project, cache, env, second.say)).toBeUndefined();
    expect(second.said).toEqual([]);
    expect(asked()).toBe(1);
  });

  test('is not asked for at all where its download is switched off', async () => {
    const { env, asked } = await releaseServer(200);
    const off = { ...env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1' };
    expect(await fetchOfficial(checkout(), tempFolder(), off, lines().say)).toBeUndefined();
    expect(asked()).toBe(0);
  });
});
