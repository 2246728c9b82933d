/** docs/plan.md and the program say the same. */
import { describe, expect, test } from 'vitest';
import { parsePlan } from '../../../src/shared/plan/parse-plan.ts';
import { fieldsAt } from '../../../src/shared/plan/schema.ts';
import { readProjectFile } from '../../support/source.ts';

const DOC = readProjectFile('docs/plan.md');

/** Field names of the tables, in order. */
function documentedFields(title: string): readonly string[] {
  const [, section = ''] = DOC.split(`\n## ${title}\n`);
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name = '']) => name);
}

describe('docs/plan.md', () => {
  test.each([
    ['The run', null],
    ['A task', 'tasks'],
    ['`needs`', 'needs'],
  ])('%s: has every field there is, and no other', (title, place) => {
    expect(documentedFields(title)).toEqual(fieldsAt(place));
  });

  test('shows plans that are right', () => {
    const plans = [...DOC.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = '']) => text);
    expect(plans).toHaveLength(3);
    expect(plans.map((text) => parsePlan(text)).filter(({ ok }) => !ok)).toEqual([]);
  });
});
