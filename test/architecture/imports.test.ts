/** Holds the table of docs/architecture.md: which room may import which rooms, packages and built-ins. */
import { describe, expect, test } from 'vitest';
import { filesBelow, importsOf } from '../support/source.ts';

type Room = {
  /** Paths below src/ that its files may import. */
  readonly rooms: readonly string[];
  readonly packages: readonly string[];
  readonly mayUseNode: boolean;
};

const contract = 'shared/ipc/contract';
const rooms: Readonly<Record<string, Room>> = {
  core: { rooms: ['core/'], packages: [], mayUseNode: false },
  shared: { rooms: ['core/', 'shared/'], packages: ['zod'], mayUseNode: false },
  engine: { rooms: ['core/', 'shared/', 'engine/'], packages: [], mayUseNode: false },
  node: {
    rooms: ['core/', 'shared/', 'engine/ports', 'node/'],
    packages: ['better-sqlite3', 'systeminformation', 'ws', '@peculiar/x509', 'reflect-metadata'],
    mayUseNode: true,
  },
  app: { rooms: ['core/', 'shared/', 'engine/', 'node/', 'app/'], packages: [], mayUseNode: true },
  main: {
    rooms: ['core/', 'shared/', 'engine/', 'node/', 'app/', 'main/'],
    packages: ['electron'],
    mayUseNode: true,
  },
  worker: { rooms: ['core/', 'shared/', 'engine/', 'node/', 'worker/'], packages: [], mayUseNode: true },
  cli: {
    rooms: ['core/', 'shared/', 'engine/', 'node/', 'app/', 'worker/', 'cli/'],
    packages: ['commander', 'cli-progress'],
    mayUseNode: true,
  },
  preload: { rooms: [contract, 'preload/'], packages: ['electron'], mayUseNode: false },
  renderer: {
    rooms: ['core/', contract, 'renderer/'],
    packages: ['react', 'react-dom', 'chart.js', 'lucide-react', '@fontsource-variable/inter'],
    mayUseNode: false,
  },
};

/** What a folder within a room may not do although its room may. */
const narrower: readonly { readonly file: RegExp; readonly not: RegExp; readonly why: string }[] = [
  { file: /^src\/shared\/.*contract\.ts$/, not: /^zod$/, why: 'a contract is types and tables, no schemas' },
  { file: /^src\/worker\//, not: /^src\/node\/storage\//, why: 'an agent keeps no database' },
  { file: /^src\/node\/(?!storage\/)/, not: /^better-sqlite3$/, why: 'the database is opened by node/storage only' },
  {
    file: /^src\/node\/(?!transport\/)/,
    not: /^(?:ws|@peculiar\/x509|reflect-metadata)$/,
    why: 'links and certificates are made by node/transport only',
  },
];

/** What a room may reach by no path at all. */
const neverReached = [
  { room: 'core', packageName: 'zod' },
  { room: 'app', packageName: 'electron' },
  { room: 'cli', packageName: 'electron' },
  { room: 'worker', packageName: 'electron' },
  { room: 'worker', packageName: 'better-sqlite3' },
  { room: 'worker', packageName: '@peculiar/x509' },
  { room: 'worker', packageName: 'zod' },
  { room: 'renderer', packageName: 'zod' },
  { room: 'preload', packageName: 'zod' },
];

const sources = filesBelow('src', ['.ts', '.tsx']);
const imports = new Map(sources.map((file) => [file, importsOf(file)]));
const roomOf = (file: string) => file.split('/')[1] ?? '';

/** The sentence against an import, or undefined where it is allowed. */
function objection(file: string, imported: string): string | undefined {
  const room = rooms[roomOf(file)];
  if (room === undefined) return `${file} stands in a room that the table does not know`;
  const narrow = narrower.find((one) => one.file.test(file) && one.not.test(imported));
  if (narrow !== undefined) return `${file} imports ${imported}: ${narrow.why}`;
  return isAllowed(room, imported) ? undefined : `${file} may not import ${imported}`;
}

function isAllowed(room: Room, imported: string): boolean {
  if (imported.startsWith('resources/')) return room.packages.includes('electron');
  if (imported.startsWith('src/')) return room.rooms.some((path) => imported.slice('src/'.length).startsWith(path));
  if (imported.startsWith('node:')) return room.mayUseNode;
  return room.packages.some((name) => imported === name || imported.startsWith(`${name}/`));
}

/** The shortest path of imports from any file of a room to a package. */
function pathTo(room: string, packageName: string): readonly string[] | undefined {
  const queue = sources.filter((file) => roomOf(file) === room).map((file) => [file]);
  const seen = new Set(queue.flat());
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const imported of imports.get(path.at(-1) ?? '') ?? []) {
      if (imported === packageName || imported.startsWith(`${packageName}/`)) return [...path, imported];
      if (seen.has(imported)) continue;
      seen.add(imported);
      queue.push([...path, imported]);
    }
  }
  return undefined;
}

describe('who may import whom', () => {
  test('every import of every source file is one that the table allows', () => {
    const objections = sources.flatMap((file) => (imports.get(file) ?? []).map((one) => objection(file, one)));
    expect(objections.filter((one) => one !== undefined)).toEqual([]);
  });

  test('a relative import names a file that exists, with its extension', () => {
    const known = new Set([...sources, ...filesBelow('src', ['.css', '.json', '.sql', '.png', '.svg'])]);
    const missing = sources.flatMap((file) =>
      (imports.get(file) ?? [])
        .filter((one) => one.startsWith('src/') && !known.has(one))
        .map((one) => `${file}: ${one}`),
    );
    expect(missing).toEqual([]);
  });

  test.each(neverReached)('$room reaches $packageName by no path of imports', ({ room, packageName }) => {
    expect(pathTo(room, packageName)).toBeUndefined();
  });

  test('each package and room of the table is objected to where it does not belong', () => {
    expect(objection('src/core/a.ts', 'node:fs')).toBeDefined();
    expect(objection('src/core/a.ts', 'zod')).toBeDefined();
    expect(objection('src/shared/ipc/contract.ts', 'zod')).toBeDefined();
    expect(objection('src/engine/a.ts', 'src/node/b.ts')).toBeDefined();
    expect(objection('src/node/a.ts', 'src/engine/monitor.ts')).toBeDefined();
    expect(objection('src/node/sampling/a.ts', 'better-sqlite3')).toBeDefined();
    expect(objection('src/node/storage/a.ts', 'better-sqlite3')).toBeUndefined();
    expect(objection('src/node/a.ts', 'ws')).toBeDefined();
    expect(objection('src/node/storage/a.ts', '@peculiar/x509')).toBeDefined();
    expect(objection('src/node/transport/a.ts', 'ws')).toBeUndefined();
    expect(objection('src/app/a.ts', 'ws')).toBeDefined();
    expect(objection('src/app/a.ts', 'electron')).toBeDefined();
    expect(objection('src/worker/a.ts', 'src/node/storage/store.ts')).toBeDefined();
    expect(objection('src/worker/a.ts', 'src/app/compose.ts')).toBeDefined();
    expect(objection('src/app/a.ts', 'src/worker/join.ts')).toBeDefined();
    expect(objection('src/renderer/a.tsx', 'src/shared/ipc/schemas.ts')).toBeDefined();
    expect(objection('src/main/a.ts', 'left-pad')).toBeDefined();
    expect(objection('src/attic/a.ts', 'src/core/result.ts')).toBeDefined();
  });
});
