/** From the text of a plan file to tasks, or the one sentence that says what is wrong with it. */
import { fail, ok, type Result } from '../../core/result.ts';
import type { RunSpec } from '../../core/tasks/task.ts';
import { findJsonFault, lineAndColumn } from './json-fault.ts';
import { type PlanProblem, problemIn, problemSentence, quoted } from './plan-problem.ts';
import { brokenRule } from './plan-rules.ts';
import { runSpecOf } from './run-spec.ts';
import { MOST_PLAN_CHARACTERS, planSchema } from './schema.ts';

/**
 * A plan, checked and complete. `invalid-argument` with place, what was found and what was expected: a line and a column
 * where the text is no JSON, else the path of the field. Never throws.
 */
export function parsePlan(text: string): Result<RunSpec> {
  if (text.length > MOST_PLAN_CHARACTERS) {
    const sizes = `found ${text.length} characters, expected at most ${MOST_PLAN_CHARACTERS}`;
    return fail('invalid-argument', `plan: ${sizes}. Split it into several.`);
  }
  // Some editors begin a file with a mark of its encoding.
  const json = parseJson(text.replace(/^\ufeff/, ''));
  if (!json.ok) return json;
  const hidden = hiddenField(json.value);
  if (hidden !== null) return refused(hidden);
  const parsed = planSchema.safeParse(json.value);
  if (!parsed.success) return refused(problemIn(parsed.error, json.value));
  const broken = brokenRule(parsed.data);
  return broken === null ? ok(runSpecOf(parsed.data)) : refused(broken);
}

function refused(problem: PlanProblem) {
  return fail('invalid-argument', problemSentence(problem));
}

function parseJson(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text));
  } catch {
    const fault = findJsonFault(text);
    if (fault === null) throw new Error('JSON.parse refuses a text in which nothing is wrong.');
    const { line, column } = lineAndColumn(text, fault.at);
    const found = /^(?:\w+|.)?/su.exec(text.slice(fault.at, fault.at + 200))?.[0] ?? '';
    const what = found === '' ? 'the end of the file' : quoted(found);
    return fail('invalid-argument', `line ${line}, column ${column}: found ${what}, expected ${fault.expected}.`);
  }
}

/** zod leaves `__proto__` out of records without a word; what a plan says is either done or refused. */
function hiddenField(plan: unknown): PlanProblem | null {
  const tasks = fieldOf(plan, 'tasks');
  if (!Array.isArray(tasks)) return null;
  for (const [place, task] of tasks.entries()) {
    for (const path of [['env'], ['needs', 'labels']]) {
      const record = path.reduce<unknown>(fieldOf, task);
      if (fieldOf(record, '__proto__') === undefined) continue;
      return { path: ['tasks', place, ...path], found: '"__proto__"', expected: 'any other name' };
    }
  }
  return null;
}

function fieldOf(value: unknown, field: string): unknown {
  const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, field);
  return isThere ? (value as Readonly<Record<string, unknown>>)[field] : undefined;
}
