import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseByteSize } from '../../../src/core/byte-size.ts';
import { capabilitiesOf } from '../../../src/core/fleet/capabilities.ts';
import { parseRequirement, type Requirement, requirementText, satisfies } from '../../../src/core/fleet/requirement.ts';
import { compareToBound } from '../../../src/core/fleet/version-order.ts';
import { MACHINE } from './a-machine.ts';

function requirement(text: string): Requirement {
  const parsed = parseRequirement(text);
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}

const CAN = capabilitiesOf(MACHINE);
const holds = (text: string) => satisfies(CAN, requirement(text));

describe('a requirement', () => {
  test.each([
    'gpu.nvidia',
    'gpu',
    'GPU.Nvidia',
    'gpu=nvidia',
    'os=linux',
    'os.debian',
    'os=debian',
    'arch=x64',
    'avx2',
    'gpu.count=2',
    'gpu.count>=2',
    'gpu.compute>=8.6',
    'gpu.compute >= 8.6',
    'gpu.compute<9',
    'gpu.compute<=8.9',
    'gpu.memory>=24GiB',
    'gpu.memory > 16 GiB',
    'gpu.memory>=24GB',
    'memory>=64GiB',
    'cuda.toolkit>=12',
    'cuda.toolkit=12',
    'cuda.toolkit=12.2',
    'cuda.driver>=12.2',
    'container.docker',
    'container=docker',
    'container.docker>=24.0.7',
    'python=3.11',
    'python>=3.12',
    'python<3.12',
    'compiler.gcc>11.10',
    'compiler.node',
    'cpu.cores>9',
  ])('%s holds on a machine that has it', (text) => {
    expect(holds(text)).toBe(true);
  });

  test.each([
    'gpu.amd',
    'avx512',
    'avx',
    'os=windows',
    'gpu.count>2',
    'gpu.count=20',
    'gpu.compute>=9',
    'gpu.compute>8.9',
    'gpu.memory>24GiB',
    'cuda.toolkit>12.2',
    'cuda.toolkit>=12.10',
    'python=3.1',
    'python>3.12',
    'compiler.node>=18',
    'nvidia>=1',
    'constructor',
  ])('%s does not hold on a machine without', (text) => {
    const lesser = CAN.filter((one) => one !== 'avx');
    expect(satisfies(lesser, requirement(text))).toBe(false);
  });

  test.each([
    ['', /is not a capability/],
    ['gpu==2', /Write a name such as gpu\.nvidia, or a name, one of >= > = < <= and a version: gpu\.compute>=8\.6\./],
    ['>=3', /is not a capability/],
    ['gpu >=', /is not a capability/],
    ['gpu.compute=>8', /is not a capability/],
    ['a b', /is not a capability/],
    ['_x', /is not a capability/],
    ['gpu..x', /is not a capability/],
    ['gpu.memory>=24', /gpu\.memory is a size and needs a unit: gpu\.memory>=24GiB\./],
    ['x'.repeat(101), /x…” is not a capability/],
  ])('that cannot be understood (%s) is refused with a sentence', (text, sentence) => {
    const parsed = parseRequirement(text);
    expect(parsed).toMatchObject({ ok: false, error: { code: 'invalid-argument' } });
    expect(!parsed.ok && parsed.error.message).toMatch(sentence);
  });

  const nameText = fc.stringMatching(/^[a-z][a-z0-9]{0,5}([._-][a-z0-9]{1,5}){0,2}$/);
  const versionText = fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
  const operator = fc.constantFrom('>=', '>', '=', '<', '<=');

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(nameText, fc.option(fc.tuple(operator, versionText)), (name, bound) => {
        fc.pre(!/^(gpu\.)?memory$/.test(name));
        const text = bound === null ? name : `${name}${bound[0]}${bound[1]}`;
        expect(requirementText(requirement(text))).toBe(text);
      }),
    );
  });

  test('of anything at all is understood or refused, and never throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const parsed = parseRequirement(text);
        if (parsed.ok) satisfies(CAN, parsed.value);
        else expect(parsed.error.message).toMatch(/\.$/);
      }),
    );
  });

  test('has exactly one of <, =, > of a version, and >= and <= accordingly', () => {
    fc.assert(
      fc.property(nameText, versionText, versionText, (name, version, bound) => {
        fc.pre(!/^(gpu\.)?memory$/.test(name));
        const is = (sign: string) => satisfies([`${name}=${version}`], requirement(`${name}${sign}${bound}`));
        expect([is('<'), is('='), is('>')].filter(Boolean)).toHaveLength(1);
        expect(is('>=')).toBe(is('>') || is('='));
        expect(is('<=')).toBe(is('<') || is('='));
      }),
    );
  });
});

describe('versions', () => {
  const number = fc.array(fc.nat(), { minLength: 1, maxLength: 5 });

  test('are compared part by part, as lists of numbers are', () => {
    fc.assert(
      fc.property(number, number, (version, bound) => {
        const at = bound.findIndex((part, index) => part !== (version[index] ?? 0));
        const expected = at < 0 ? 0 : Math.sign((version[at] ?? 0) - (bound[at] ?? 0));
        expect(Math.sign(compareToBound(version.join('.'), bound.join('.')))).toBe(expected);
      }),
    );
  });

  test('of one length are ordered: whatever is turned round turns the sign, and the order goes on', () => {
    const part = fc.oneof(fc.nat({ max: 12 }).map(String), fc.constantFrom('rc1', 'beta', '007'));
    const version = fc.tuple(part, part, part).map((parts) => parts.join('.'));
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(Math.sign(compareToBound(a, b))).toBe(0 - Math.sign(compareToBound(b, a)) || 0);
        if (compareToBound(a, b) <= 0 && compareToBound(b, c) <= 0) expect(compareToBound(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test('may have parts longer than a number holds', () => {
    expect(compareToBound('1.99999999999999999999', '1.99999999999999999998')).toBeGreaterThan(0);
    expect(compareToBound('1.007', '1.7')).toBe(0);
    expect(compareToBound('1.0.0', '1.0.rc1')).toBeGreaterThan(0);
  });
});

describe('sizes', () => {
  test.each([
    ['512MiB', 512 * 2 ** 20],
    ['2GiB', 2 ** 31],
    ['1.5GB', 1.5e9],
    ['1 tib', 2 ** 40],
    ['8B', 8],
    ['24', null],
    ['GiB', null],
    ['-1GiB', null],
    ['1e3MB', null],
    ['24Gi', null],
  ])('%s is %s bytes', (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });
});
