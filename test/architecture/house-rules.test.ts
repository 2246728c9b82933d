/** House rules that a machine can hold: sizes, names, colours, leftovers. */
import { describe, expect, test } from 'vitest';
import { filesBelow, projectFolder, readProjectFile } from '../support/source.ts';

const longestFileLines = 320;
const code = ['.ts', '.tsx', '.mts', '.mjs', '.cjs'];
const sources = filesBelow('src', code);
const everything = [
  ...sources,
  ...filesBelow('scripts', code),
  ...filesBelow('test', code),
  ...filesBelow('bin', code),
];
const colourLiteral =
  /#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b(?!\s*\{)|\b(?:rgba?|hsla?|hwb|oklch|oklab|lch|lab)\(/i;
/** Files that hold colours because that is what they are for. */
const coloursBelong = ['src/renderer/styles/tokens.css'];
/** The window's first colour is shown before any style is loaded; the test below holds it to the tokens. */
const windowFile = 'src/main/window.ts';

const withoutComments = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
const nameOf = (file: string) => file.split('/').at(-1) ?? '';

describe('house rules', () => {
  test(`no source file is longer than ${longestFileLines} lines`, () => {
    const long = [...sources, ...filesBelow('scripts', code), ...filesBelow('bin', code)]
      .map((file) => ({ file, lines: readProjectFile(file).split('\n').length - 1 }))
      .filter(({ lines }) => lines > longestFileLines);
    expect(long).toEqual([]);
  });

  test('file names are kebab-case and say what is in the file', () => {
    const shapeless = /^(?:utils?|helpers?|types?|common|misc|manager)$|-(?:utils?|helpers?|manager)$/;
    const wrong = everything.filter((file) => {
      const stem = nameOf(file).replace(/(?:\.(?:d|test|long|bench))*\.\w+$/, '');
      return !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(stem) || shapeless.test(stem);
    });
    expect(wrong).toEqual([]);
  });

  test('colours are written in the tokens and nowhere else', () => {
    const painted = [...sources, ...filesBelow('src', ['.css', '.html'])]
      .filter((file) => !coloursBelong.includes(file) && file !== windowFile)
      .filter((file) => colourLiteral.test(withoutComments(readProjectFile(file))));
    expect(painted).toEqual([]);
  });

  test('the window starts in a colour of the tokens', () => {
    const used = readProjectFile(windowFile).match(new RegExp(colourLiteral, 'gi')) ?? [];
    const tokens = readProjectFile(coloursBelong[0] ?? '');
    expect(used.filter((colour) => !tokens.includes(colour))).toEqual([]);
  });

  test('no test is left out, and none keeps the others out', () => {
    const switches = /\b(?:test|it|describe)\.(?:only|skip|todo|fails)\b/;
    const switched = filesBelow('test', code).filter((file) => switches.test(withoutComments(readProjectFile(file))));
    expect(switched).toEqual([]);
  });

  test('nothing is left to be done later', () => {
    const leftover = new RegExp(
      `\\b(?:${['TO', 'FIX'].map((start) => `${start}${start === 'TO' ? 'DO' : 'ME'}`).join('|')})\\b`,
    );
    expect(everything.filter((file) => leftover.test(readProjectFile(file)))).toEqual([]);
  });

  test('versions in package.json are exact', () => {
    const manifest = JSON.parse(readProjectFile('package.json')) as Record<string, Record<string, string>>;
    const versions = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    );
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('the lock file names every platform of every optional package, and no registry', () => {
    const lock = JSON.parse(readProjectFile('package-lock.json')) as {
      readonly packages: Readonly<
        Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>>; readonly resolved?: string }>
      >;
    };
    const packages = Object.entries(lock.packages);
    const wanted = packages.flatMap(([, { optionalDependencies }]) => Object.keys(optionalDependencies ?? {}));
    const missing = wanted.filter((name) => !packages.some(([path]) => path.endsWith(`node_modules/${name}`)));
    expect(wanted.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
    expect(packages.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  test('no committed text names the folder it was written in', () => {
    const texts = [...everything, ...filesBelow('docs', ['.md']), 'README.md', 'package.json', 'package-lock.json'];
    expect(texts.filter((file) => readProjectFile(file).includes(`${projectFolder}/`))).toEqual([]);
  });
});
