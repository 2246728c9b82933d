/** Reads the project's own sources: their imports, and the names of tests and benches in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { parseSync } from 'vite';

export const projectFolder = dirname(dirname(import.meta.dirname));

/** Files below a folder of the project whose names end so, as paths from its root with forward slashes. */
export function filesBelow(folder: string, endings: readonly string[]): readonly string[] {
  return readdirSync(join(projectFolder, folder), { recursive: true, withFileTypes: true })
    .filter((found) => found.isFile() && endings.some((ending) => found.name.endsWith(ending)))
    .map((found) => relative(projectFolder, join(found.parentPath, found.name)).split(sep).join('/'))
    .sort();
}

export function readProjectFile(file: string): string {
  return readFileSync(join(projectFolder, file), 'utf8');
}

type SyntaxNode = { readonly type: string; readonly [key: string]: unknown };

/** Every node of a file's syntax tree, of whatever kind. */
function nodesOf(file: string): readonly SyntaxNode[] {
  const { program, errors } = parseSync(file, readProjectFile(file));
  if (errors.length > 0) throw new Error(`cannot parse ${file}: ${errors[0]?.message}`);
  const nodes: SyntaxNode[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const one of value) visit(one);
    else if (typeof value === 'object' && value !== null) {
      if ('type' in value && typeof value.type === 'string') nodes.push(value as SyntaxNode);
      for (const one of Object.values(value)) visit(one);
    }
  };
  visit(program);
  return nodes;
}

const importing = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
]);

/** What a file imports, in any way that imports: as values, as types, lazily. Relative ones as paths from the root. */
export function importsOf(file: string): readonly string[] {
  const found = nodesOf(file).flatMap((node) => {
    const named = importing.has(node.type) ? textOf(node.source ?? node.argument) : requiredBy(node);
    return named === undefined ? [] : [named.replace(/\?.*$/, '')];
  });
  return found.map((name) => (name.startsWith('.') ? posix.join(posix.dirname(file), name) : name));
}

function requiredBy(node: SyntaxNode): string | undefined {
  if (node.type !== 'CallExpression') return undefined;
  const callee = node.callee as SyntaxNode;
  return callee.type === 'Identifier' && callee.name === 'require'
    ? textOf((node.arguments as unknown[])[0])
    : undefined;
}

/** The text of a literal, with `…` for what a template fills in; undefined for anything else. */
function textOf(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const { type, value, literal, quasis } = node as SyntaxNode;
  if (type === 'Literal' && typeof value === 'string') return value;
  if (type === 'TSLiteralType') return textOf(literal);
  if (type !== 'TemplateLiteral') return undefined;
  return (quasis as readonly { readonly value: { readonly cooked: string } }[])
    .map((part) => part.value.cooked)
    .join('…');
}

/**
 * The names of the tests that a file declares, `test.each` and `test.skipIf` included, each with the names of the groups
 * around it in front: `group group test`.
 */
export function testNamesOf(file: string): readonly string[] {
  const { program } = parseSync(file, readProjectFile(file));
  const names: string[] = [];
  const visit = (value: unknown, groups: readonly string[]): void => {
    if (Array.isArray(value)) for (const one of value) visit(one, groups);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    const node = value as SyntaxNode;
    const root = node.type === 'CallExpression' ? rootOf(node.callee as SyntaxNode) : '';
    const title = root === '' ? undefined : textOf((node.arguments as unknown[])[0]);
    if (title !== undefined && ['test', 'it'].includes(root)) names.push([...groups, title].join(' '));
    const inside = title !== undefined && ['describe', 'suite'].includes(root) ? [...groups, title] : groups;
    for (const one of Object.values(node)) visit(one, inside);
  };
  visit(program, []);
  return names;
}

/** `test` of `test(…)`, `test.each(…)(…)`, `test.skipIf(…)(…)`. */
function rootOf(callee: SyntaxNode): string {
  if (callee.type === 'Identifier') return callee.name as string;
  const inner = callee.type === 'MemberExpression' ? callee.object : (callee.callee ?? callee.tag);
  return inner === undefined ? '' : rootOf(inner as SyntaxNode);
}

/** The names of the figures that a bench file gives: the `name` of each figure. */
export function benchNamesOf(file: string): readonly string[] {
  return nodesOf(file).flatMap((node) => {
    if (node.type !== 'Property' || (node.key as SyntaxNode).name !== 'name') return [];
    return textOf(node.value) ?? [];
  });
}
