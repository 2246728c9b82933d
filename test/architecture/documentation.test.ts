/** What the documents name exists: links, pictures, commands. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesBelow, projectFolder, readProjectFile } from '../support/source.ts';

const documents = ['README.md', 'CONTRIBUTING.md', ...filesBelow('docs', ['.md'])];
const manifest = JSON.parse(readProjectFile('package.json')) as Readonly<
  Record<'scripts' | 'dependencies' | 'devDependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;

describe('the documents', () => {
  test('every link and picture leads to a file that is there', () => {
    const broken = documents.flatMap((document) =>
      [...readProjectFile(document).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)]
        .map(([, target = '']) => join(dirname(document), target))
        .filter((target) => !existsSync(join(projectFolder, target)))
        .map((target) => `${document}: ${target}`),
    );
    expect(broken).toEqual([]);
  });

  test('every npm script they name exists', () => {
    const builtIn = ['start', 'test'];
    const unknown = documents.flatMap((document) =>
      [...readProjectFile(document).matchAll(/\bnpm run ([a-z:]+)/g)]
        .map(([, name = '']) => name)
        .filter((name) => manifest.scripts[name] === undefined)
        .map((name) => `${document}: npm run ${name}`),
    );
    expect(unknown).toEqual([]);
    expect(builtIn.every((name) => manifest.scripts[name] !== undefined)).toBe(true);
  });

  test('the README shows the app and gives the command that runs it and the one that tests it', () => {
    const readme = readProjectFile('README.md');
    expect(readme.match(/!\[[^\]]+\]\([^)]+\.png\)/g)).toHaveLength(1);
    expect(readme).toContain('npm ci && npm start');
    expect(readme).toContain('npm test');
  });

  test('every package has its reason and its licence', () => {
    const packages = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
    const names = packages.flatMap((kind) => Object.keys(manifest[kind]));
    const rows = readProjectFile('docs/dependencies.md').matchAll(/^\| (\S+) \| \S.* \| \S.* \|$/gm);
    expect(
      [...rows]
        .map(([, name]) => name)
        .filter((name) => name !== '---' && name !== 'package')
        .sort(),
    ).toEqual(names.sort());
  });

  test('the check of every change runs the README’s commands', () => {
    const commands = readProjectFile('.ci/run')
      .split('\n')
      .filter((line) => line.startsWith('npm '));
    expect(commands).toEqual(['npm ci', 'npm test']);
  });
});
