import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { planJsonSchema } from '../../../src/shared/plan/json-schema.ts';
import { parsePlan } from '../../../src/shared/plan/parse-plan.ts';
import { projectFolder, readProjectFile } from '../../support/source.ts';
import { anyRunSpec, planOf } from './any-run-spec.ts';

const FILE = 'resources/plan.schema.json';
const published = z.fromJSONSchema(JSON.parse(readProjectFile(FILE)));

function planWith(task: object, run: object = {}): object {
  return { name: 'nightly', ...run, tasks: [{ name: 'unit', command: ['true'], ...task }] };
}

describe('the published schema', () => {
  // `npx vitest run --project unit test/shared/plan -u` writes the file anew.
  test('is the file that is made from the schema of the program', async () => {
    await expect(planJsonSchema()).toMatchFileSnapshot(join(projectFolder, FILE));
  });

  test('describes every field', () => {
    const fields: [string, { readonly description?: string }][] = [];
    const collect = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node) fields.push(...Object.entries(node.properties as Record<string, object>));
      for (const below of Object.values(node)) collect(below);
    };
    collect(JSON.parse(planJsonSchema()));
    expect(fields.length).toBeGreaterThan(25);
    expect(fields.filter(([, { description = '' }]) => description === '').map(([name]) => name)).toEqual([]);
  });

  test('takes every plan that the program takes', () => {
    fc.assert(
      fc.property(anyRunSpec, (spec) => {
        const plan = planOf(spec);
        expect({ program: parsePlan(JSON.stringify(plan)).ok, schema: published.safeParse(plan).success }).toEqual({
          program: true,
          schema: true,
        });
      }),
    );
  });

  test.each([
    null,
    {},
    { name: 'n', tasks: [] },
    planWith({ name: undefined }),
    planWith({ name: 'two\nlines' }),
    planWith({ name: ' ' }),
    planWith({ command: [] }),
    planWith({ command: 7 }),
    planWith({ comand: ['true'] }),
    planWith({ cwd: 'build' }),
    planWith({ env: { 'A=B': '' } }),
    planWith({ env: { SEED: 7 } }),
    planWith({ bring: [{ from: 'a' }] }),
    planWith({ bring: [{ from: 'a', to: 'b/../../c' }] }),
    planWith({ fetch: ['/etc/passwd'] }),
    planWith({ fileLimitBytes: '1 gigabyte' }),
    planWith({ needs: { memoryBytes: '2Gig' } }),
    planWith({ needs: { memoryBytes: 0 } }),
    planWith({ needs: { cores: 0 } }),
    planWith({ needs: { gpus: 1.5 } }),
    planWith({ needs: { gpus: -1 } }),
    planWith({ needs: { labels: { Rack: 'b' } } }),
    planWith({ needs: { memory: '2GiB' } }),
    planWith({ priority: 101 }),
    planWith({ priority: 50.5 }),
    planWith({ timeoutSeconds: 0 }),
    planWith({ retries: 101 }),
    planWith({ groupLimit: 0, group: 'g' }),
    planWith({ preemptible: 1 }),
    planWith({}, { maxParallel: 0 }),
    planWith({}, { onFailure: 'halt' }),
    planWith({}, { task: [] }),
  ])('refuses what the program refuses: %j', (plan) => {
    expect(published.safeParse(plan).success).toBe(false);
    expect(parsePlan(JSON.stringify(plan)).ok).toBe(false);
  });
});
