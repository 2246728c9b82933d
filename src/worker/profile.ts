/**
 * A profile: hardware that an agent claims beside what its machine really has, for demonstrations, measurements and tests.
 * Whatever comes of it is marked as simulated wherever it is shown.
 */
import { readFileSync, rmSync } from 'node:fs';
import type { Gpu, Inventory } from '../core/fleet/inventory.ts';
import { fail, ok, type Result } from '../core/result.ts';
import type { Home } from '../node/agent-home/home.ts';
import { writeWhole } from '../node/agent-home/whole-file.ts';
import { type Check, type Checks, listOf, orNull, readFields, recordOf, text } from '../shared/protocol/checks.ts';
import { isJsonObject } from '../shared/protocol/json-text.ts';

export interface Profile {
  /** What the worker is to be called where nothing else is said. */
  readonly name: string | null;
  readonly cpuModel: string | null;
  /** Threads, as the inventory counts them. */
  readonly cores: number | null;
  readonly memoryBytes: number | null;
  /** Null: those that are really there. */
  readonly gpus: readonly ProfileGpu[] | null;
}

export type ProfileGpu = Omit<Gpu, 'address' | 'memoryBytes'> & { readonly memoryBytes: number };

/** As typed: the file of a profile, or `false` for none any more; undefined: as it was. */
export type ProfileFlag = string | false | undefined;

const MOST_GPUS = 16;
const MOST_BYTES = 2 ** 50;

const isShort = text(200);
const isModel: Check<string> = (value): value is string => isShort(value) && value !== '';
const isCores: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= 4_096;
const isSize: Check<number> = (value): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= MOST_BYTES;

const GPU: Checks<ProfileGpu> = {
  vendor: isModel,
  model: isModel,
  memoryBytes: isSize,
  computeCapability: orNull(isShort),
  driver: orNull(isShort),
};
const GPU_UNSAID = { computeCapability: null, driver: null };

const PROFILE: Checks<Profile> = {
  name: orNull(isModel),
  cpuModel: orNull(isModel),
  cores: orNull(isCores),
  memoryBytes: orNull(isSize),
  gpus: orNull(listOf(recordOf(GPU), MOST_GPUS)),
};
const NOTHING: Profile = { name: null, cpuModel: null, cores: null, memoryBytes: null, gpus: null };

/** The profile of this home from now on, after what was typed; null without any. Kept, so that a restart needs no word of it. */
export function chooseProfile(home: Home, flag: ProfileFlag): Result<Profile | null> {
  try {
    if (flag === false) rmSync(home.profileFile, { force: true });
    if (typeof flag !== 'string') return readProfile(home.profileFile, true);
    const given = readProfile(flag, false);
    if (given.ok) writeWhole(home.profileFile, `${JSON.stringify(given.value, null, 2)}\n`, false);
    return given;
  } catch (error) {
    return fail('storage', `The profile cannot be kept: ${(error as Error).message}.`);
  }
}

function readProfile(path: string, mayLack: boolean): Result<Profile | null> {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' && mayLack
      ? ok(null)
      : fail('invalid-argument', `The profile cannot be read: ${message}.`);
  }
  const parsed = parseProfile(content);
  return parsed.ok ? parsed : fail('invalid-argument', `${path} is no profile: ${parsed.error.message}`);
}

/** `invalid-argument` with what is wrong. */
export function parseProfile(content: string): Result<Profile> {
  let json: unknown;
  try {
    json = JSON.parse(content);
  } catch (error) {
    return fail('invalid-argument', `${(error as Error).message}.`);
  }
  if (!isJsonObject(json)) return fail('invalid-argument', 'it is not a JSON object.');
  const unknown = Object.keys(json).find((name) => !Object.hasOwn(PROFILE, name));
  if (unknown !== undefined) return fail('invalid-argument', `there is no field ${unknown}.`);
  const gpus = Array.isArray(json.gpus) ? { gpus: json.gpus.map(wholeGpu) } : {};
  const read = readFields<Profile>(PROFILE, { ...NOTHING, ...json, ...gpus });
  return typeof read === 'string' ? fail('invalid-argument', `${read} is not as it should be.`) : ok(read);
}

function wholeGpu(gpu: unknown): unknown {
  return isJsonObject(gpu) ? { ...GPU_UNSAID, ...gpu } : gpu;
}

/** The machine as the profile has it, and which parts of that are made up. */
export function profiledInventory(real: Inventory, profile: Profile): Inventory {
  const { cpuModel, cores, memoryBytes, gpus } = profile;
  const simulated = [
    ...(cpuModel === null && cores === null ? [] : ['CPU']),
    ...(memoryBytes === null ? [] : ['memory']),
    ...(gpus === null ? [] : ['GPU']),
  ];
  const cpu = {
    ...real.cpu,
    model: cpuModel ?? real.cpu.model,
    ...(cores === null ? {} : { logicalCores: cores, physicalCores: null }),
  };
  return {
    ...real,
    cpu,
    memoryBytes: memoryBytes ?? real.memoryBytes,
    gpus: gpus?.map((gpu) => ({ ...gpu, address: null })) ?? real.gpus,
    simulated: simulated.length === 0 ? ['load'] : simulated,
  };
}
