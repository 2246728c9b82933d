import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openZip, type ZipArchive } from '../../../scripts/runtime/zip.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { makeZip } from './archive.ts';

const entryOf = (zip: ZipArchive, name: string) => {
  const entry = zip.entries.find((one) => one.name === name);
  if (entry === undefined) throw new Error(`no ${name} in the archive`);
  return entry;
};

describe('reading a zip archive', () => {
  test('writes each entry as it was, and tells how many bytes it wrote', async () => {
    const folder = tempFolder();
    const zip = await openZip(makeZip(folder));
    let bytes = 0;
    const target = join(folder, 'out', 'deep', 'icudtl.dat');
    await zip.extract(entryOf(zip, 'App/icudtl.dat'), target, (count) => {
      bytes += count;
    });
    await zip.close();
    const original = readFileSync(join(folder, 'App', 'icudtl.dat'));
    expect(readFileSync(target).equals(original)).toBe(true);
    expect(bytes).toBe(original.length);
  });

  test('keeps the right to execute', async () => {
    const folder = tempFolder();
    const zip = await openZip(makeZip(folder));
    await zip.extract(entryOf(zip, 'App/App'), join(folder, 'binary'));
    await zip.close();
    expect(statSync(join(folder, 'binary')).mode & 0o111).toBe(0o111);
  });

  test('refuses an archive that ends too early', async () => {
    const file = makeZip(tempFolder());
    truncateSync(file, statSync(file).size - 200);
    await expect(openZip(file)).rejects.toThrow('not a whole zip file');
  });

  test('refuses an entry whose bytes were changed', async () => {
    const folder = tempFolder();
    const file = makeZip(folder);
    const bytes = readFileSync(file);
    const at = bytes.indexOf('words');
    bytes.write('sword', at, 'latin1');
    writeFileSync(file, bytes);
    const zip = await openZip(file);
    await expect(zip.extract(entryOf(zip, 'App/locales/en-US.pak'), join(folder, 'x'))).rejects.toThrow('damaged');
    await zip.close();
  });

  test('refuses an entry that points outside its folder', async () => {
    const file = join(tempFolder(), 'evil.zip');
    const program = `import zipfile; zipfile.ZipFile(${JSON.stringify(file)}, 'w').writestr('App/../../evil', 'x')`;
    execFileSync('python3', ['-c', program]);
    await expect(openZip(file)).rejects.toThrow('points outside its folder');
  });
});
