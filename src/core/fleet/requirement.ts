/** What a plan or a filter asks of a worker's capabilities: `name`, or `name OP version`. */
import { parseByteSize } from '../byte-size.ts';
import { fail, ok, type Result } from '../result.ts';
import type { Capability } from './capabilities.ts';
import { compareToBound } from './version-order.ts';

const OPERATORS = ['>=', '<=', '>', '<', '='] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Requirement {
  readonly name: string;
  /** Null: the name alone. */
  readonly bound: { readonly operator: Operator; readonly version: string } | null;
}

const FORM = /^([a-z][a-z0-9]*(?:[._-][a-z0-9]+)*)\s*(?:(>=|<=|>|<|=)\s*([a-z0-9][a-z0-9.+_-]*(?:\s?[kmgt]i?b)?))?$/;
const MOST_CHARACTERS = 100;
/** Capabilities that are sizes: a bare number would be bytes, and meant by nobody. */
const SIZES = /^(?:gpu\.)?memory$|^cpu\.l[23]$/;

/** Letters of either case, spaces where one likes. `invalid-argument` with a sentence that shows the form. */
export function parseRequirement(text: string): Result<Requirement> {
  const match = text.length > MOST_CHARACTERS ? null : FORM.exec(text.trim().toLowerCase());
  if (match === null) {
    return fail(
      'invalid-argument',
      `“${shown(text)}” is not a capability. Write a name such as gpu.nvidia, or a name, one of >= > = < <= and a version: gpu.compute>=8.6.`,
    );
  }
  const [, name = '', operator, version] = match;
  if (operator === undefined || version === undefined) return ok({ name, bound: null });
  if (SIZES.test(name) && parseByteSize(version) === null) {
    return fail('invalid-argument', `${name} is a size and needs a unit: ${name}${operator}24GiB.`);
  }
  return ok({ name, bound: { operator: operator as Operator, version } });
}

/** `gpu.compute>=8.6` */
export function requirementText({ name, bound }: Requirement): string {
  return bound === null ? name : `${name}${bound.operator}${bound.version}`;
}

/**
 * Whether one of the capabilities is what is asked for. A name stands for all below it (`gpu` for `gpu.nvidia`), and
 * `os=linux` is another way to write `os.linux`. Without a known version no bound is met.
 */
export function satisfies(capabilities: readonly Capability[], { name, bound }: Requirement): boolean {
  return capabilities.some((capability) => {
    const [present = '', version = null] = capability.split('=', 2);
    if (bound === null) return present === name || present.startsWith(`${name}.`);
    if (bound.operator === '=' && present === `${name}.${bound.version}`) return true;
    return present === name && version !== null && isWithin(version, bound.operator, bound.version);
  });
}

function isWithin(version: string, operator: Operator, bound: string): boolean {
  const order = compare(version, bound);
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    case '=':
      return order === 0;
  }
}

function compare(version: string, bound: string): number {
  const [size, boundSize] = [parseByteSize(version), parseByteSize(bound)];
  return size !== null && boundSize !== null ? size - boundSize : compareToBound(version, bound);
}

function shown(text: string): string {
  const [...characters] = text.trim();
  return characters.length <= 40 ? text.trim() : `${characters.slice(0, 40).join('')}…`;
}
