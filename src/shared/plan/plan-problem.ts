/** What is wrong with a plan, as one sentence: where, what was found there, what was expected. */
import type { z } from 'zod';
import { nearestName } from './nearest-name.ts';
import { fieldsAt } from './schema.ts';

export interface PlanProblem {
  /** From the plan down; empty for the plan itself. */
  readonly path: readonly PropertyKey[];
  /** As `shown` tells it. */
  readonly found: string;
  /** Completes the sentence “… expected”. */
  readonly expected: string;
}

/** Of a text, in characters; so that a sentence stays one whatever a file holds. */
const MOST_SHOWN = 60;
/** Whatever a terminal or a reader could take for something else than a character. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** `tasks[2].needs.cores: found "two", expected a number of cores, at least 0.1.` */
export function problemSentence({ path, found, expected }: PlanProblem): string {
  return `${pathText(path)}: found ${found}, expected ${expected}.`;
}

/** A value of a plan for a sentence: texts in quotes and cut, what holds others by its kind. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** The text in quotes, on one line and cut. */
export function quoted(text: string): string {
  const start = text.slice(0, 2 * MOST_SHOWN);
  const characters = [...start];
  const isCut = start.length < text.length || characters.length > MOST_SHOWN;
  const kept = isCut ? `${characters.slice(0, MOST_SHOWN - 1).join('')}…` : text;
  return JSON.stringify(kept).replace(HIDDEN, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The first thing that is wrong: a field that does not exist before all else, for its name was likely mistyped. */
export function problemIn(error: z.ZodError, plan: unknown): PlanProblem {
  const [first] = error.issues;
  if (first === undefined) throw new Error('An error of a schema without an issue.');
  const unknown = error.issues.find(({ code }) => code === 'unrecognized_keys');
  return problemOf(unknown ?? first, plan);
}

function problemOf(issue: z.core.$ZodIssue, plan: unknown): PlanProblem {
  if (issue.code === 'unrecognized_keys') return unknownField(issue.path, issue.keys[0] ?? '');
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    return { path: issue.path.slice(0, -1), found: quoted(key), expected: issue.issues[0]?.message ?? issue.message };
  }
  if (issue.code === 'invalid_union') {
    // Of what was tried the form that fitted furthest: a list whose third item is wrong was meant as a list.
    const [deepest] = issue.errors.flat().sort((one, other) => other.path.length - one.path.length);
    if (deepest !== undefined && deepest.path.length > 0) {
      return problemOf({ ...deepest, path: [...issue.path, ...deepest.path] }, plan);
    }
  }
  return { path: issue.path, found: shown(valueAt(plan, issue.path)), expected: issue.message };
}

function unknownField(path: readonly PropertyKey[], field: string): PlanProblem {
  const place = path.findLast((step) => typeof step === 'string') ?? null;
  const fields = fieldsAt(place as string | null);
  const meant = nearestName(field, fields);
  return {
    path: [...path, field],
    found: 'an unknown field',
    expected: meant === null ? `one of ${fields.join(', ')}` : `a known one such as ${meant}`,
  };
}

function valueAt(plan: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, step) => {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, step);
    return isThere ? (value as Record<PropertyKey, unknown>)[step] : undefined;
  }, plan);
}

function pathText(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    const name = String(step);
    return /^[$A-Za-z_][\w$]{0,59}$/.test(name) ? `.${name}` : `[${quoted(name)}]`;
  });
  return steps.join('').replace(/^\./, '') || 'plan';
}
