/**
 * Every setting a person can change, with its default, its bounds and its words.
 *
 * The table is the one source for the Settings view, `labwatch settings`, and the check of what arrives over IPC or the
 * control socket. Keys are dotted as people type them.
 */
import { LEVELS, type Level } from '../metrics/level.ts';
import { fail, ok, type Result } from '../result.ts';
import { PROFILE_NAMES, type ProfileChoice, weightsOf } from '../scheduling/profiles.ts';
import { SCORE_NAMES, type ScoreName } from '../scheduling/score-names.ts';
import { SCORE_WORDS } from '../scheduling/score-words.ts';

/** Of the profile `custom`; only their proportions count. */
type WeightSettings = Readonly<Record<`scheduling.weight.${ScoreName}`, number>>;

export interface Settings extends WeightSettings {
  readonly level: Level;
  readonly 'retention.rawHours': number;
  readonly 'retention.oneMinuteDays': number;
  readonly 'retention.tenMinuteDays': number;
  readonly 'retention.oneHourDays': number;
  /** Upper bound of metrics.db in GB (10^9 bytes); the oldest raw samples go first. */
  readonly 'retention.maxGigabytes': number;
  readonly 'retention.taskOutputDays': number;
  /** Upper bound of all outputs together in GB; the oldest go first. */
  readonly 'retention.taskOutputGigabytes': number;
  readonly 'retention.fetchedDays': number;
  /** The same of the files that tasks brought back. */
  readonly 'retention.fetchedGigabytes': number;
  /** Where agents come in: `127.0.0.1` (only this machine), one interface's address, or `0.0.0.0` (all). */
  readonly 'listener.address': string;
  readonly 'listener.port': number;
  /** A worker out of reach for this long is lost. */
  readonly 'workers.lostAfterSeconds': number;
  /** What placement weighs most (`core/scheduling/profiles`). */
  readonly 'scheduling.profile': ProfileChoice;
  /** Whether CPU that others use on a worker is taken from what tasks may have there. */
  readonly 'scheduling.heedsOtherLoad': boolean;
  readonly theme: 'system' | 'dark' | 'light';
  readonly startAtLogin: boolean;
}

export type SettingKey = keyof Settings;

type Definition = { readonly title: string; readonly description: string } & (
  | { readonly kind: 'choice'; readonly default: string; readonly choices: readonly string[] }
  | {
      readonly kind: 'number';
      readonly default: number;
      readonly least: number;
      readonly most: number;
      readonly unit: string;
    }
  | { readonly kind: 'switch'; readonly default: boolean }
  | { readonly kind: 'address'; readonly default: string }
);

export const SETTINGS: Readonly<Record<SettingKey, Definition>> = {
  level: {
    kind: 'choice',
    default: 'standard',
    choices: LEVELS,
    title: 'Monitoring level',
    description: 'How much is sampled on this machine, and how often.',
  },
  'retention.rawHours': numberOf(
    48,
    1,
    24 * 30,
    'hours',
    'Every sample',
    'Samples at full resolution are kept this long.',
  ),
  'retention.oneMinuteDays': numberOf(
    30,
    1,
    3_650,
    'days',
    '1-minute rollups',
    'Minimum, mean, maximum and p95 of each minute.',
  ),
  'retention.tenMinuteDays': numberOf(365, 1, 3_650, 'days', '10-minute rollups', 'The same for each ten minutes.'),
  'retention.oneHourDays': numberOf(1_825, 1, 18_250, 'days', '1-hour rollups', 'The same for each hour.'),
  'retention.maxGigabytes': numberOf(
    10,
    0.05,
    10_000,
    'GB',
    'Size limit',
    'When the history grows past this, the oldest goes first.',
  ),
  'retention.taskOutputDays': numberOf(
    30,
    1,
    365,
    'days',
    'Output of tasks',
    'What a task wrote is kept this long after its last line.',
  ),
  'retention.taskOutputGigabytes': numberOf(
    5,
    0.05,
    10_000,
    'GB',
    'Output of tasks, at most',
    'When all of it together grows past this, the oldest goes first.',
  ),
  'retention.fetchedDays': numberOf(
    30,
    1,
    365,
    'days',
    'Fetched files',
    'Files that a task left and its plan fetches are kept this long.',
  ),
  'retention.fetchedGigabytes': numberOf(
    10,
    0.05,
    10_000,
    'GB',
    'Fetched files, at most',
    'When all of them together grow past this, the oldest go first.',
  ),
  'listener.address': {
    kind: 'address',
    default: '127.0.0.1',
    title: 'Reachable at',
    description: 'The address of this machine at which workers may join. 127.0.0.1: no other machine can reach it.',
  },
  'listener.port': numberOf(7461, 0, 65_535, '', 'Port', 'The TCP port for workers. 0: any free one, at each start.'),
  'workers.lostAfterSeconds': numberOf(
    120,
    10,
    86_400,
    'seconds',
    'Lost after',
    'A worker that cannot be reached for this long counts as lost.',
  ),
  'scheduling.profile': {
    kind: 'choice',
    default: 'balanced',
    choices: [...PROFILE_NAMES, 'custom'],
    title: 'Place tasks',
    description:
      'Decides between workers that can take a task, from the next task on. balanced: room, speed, reliability and the rest together. fastest: where it should end first. cheapest, greenest: by price, by watts. packed: few workers full, others empty. custom: by the weights below; only their proportions count.',
  },
  'scheduling.heedsOtherLoad': {
    kind: 'switch',
    default: true,
    title: 'Heed other load',
    description:
      'CPU that other programs use on a worker is not given to tasks, and at 95 % it gets none. Off: tasks compete with whatever else runs. Memory in use is never given away.',
  },
  ...weightSettings(),
  theme: {
    kind: 'choice',
    default: 'system',
    choices: ['system', 'dark', 'light'],
    title: 'Theme',
    description: 'Follow the system, or always dark or light.',
  },
  startAtLogin: {
    kind: 'switch',
    default: false,
    title: 'Start at login',
    description: 'Open Labwatch in the tray when you log in.',
  },
};

export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

export const DEFAULT_SETTINGS = Object.fromEntries(
  SETTING_KEYS.map((key) => [key, SETTINGS[key].default]),
) as unknown as Settings;

export function isSettingKey(text: string): text is SettingKey {
  return Object.hasOwn(SETTINGS, text);
}

/** Checks one value from outside. Text is accepted for numbers and switches, so that the CLI and IPC share this. */
export function parseSetting<Key extends SettingKey>(key: Key, value: unknown): Result<Settings[Key]> {
  const definition: Definition = SETTINGS[key];
  switch (definition.kind) {
    case 'choice':
      return definition.choices.includes(value as string)
        ? ok(value as Settings[Key])
        : fail('invalid-argument', `${key} must be one of ${definition.choices.join(', ')}.`);
    case 'address':
      return typeof value === 'string' && isIpAddress(value)
        ? ok(value as Settings[Key])
        : fail('invalid-argument', `${key} must be an IP address, such as 127.0.0.1, 192.168.1.5 or 0.0.0.0.`);
    case 'switch': {
      const text = String(value);
      return text === 'true' || text === 'false'
        ? ok((text === 'true') as Settings[Key])
        : fail('invalid-argument', `${key} must be true or false.`);
    }
    case 'number': {
      const { least, most, unit } = definition;
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      // What has no unit counts or names something, such as a port.
      const kind = unit === '' ? 'a whole number' : `a number of ${unit}`;
      const isOfKind = typeof number === 'number' && (unit !== '' || Number.isInteger(number));
      return isOfKind && number >= least && number <= most
        ? ok(number as Settings[Key])
        : fail('invalid-argument', `${key} must be ${kind} from ${least} to ${most}.`);
    }
  }
}

/** IPv4 in four decimal parts (RFC 6943, 3.1.1, the strict form), or IPv6 (RFC 4291) without a zone. */
function isIpAddress(text: string): boolean {
  const parts = text.split('.');
  if (parts.length === 4) return parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  const halves = text.split('::');
  if (!/^[0-9a-f:]{2,39}$/i.test(text) || halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const isEachValid = groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group));
  return isEachValid && (halves.length === 2 ? groups.length < 8 : groups.length === 8);
}

function weightSettings() {
  const usual = weightsOf('balanced');
  const rows = SCORE_NAMES.map((name) => {
    const title = `Weight of ${name}`;
    const description = `${SCORE_WORDS[name]} Counts with the profile custom.`;
    return [`scheduling.weight.${name}`, numberOf(usual[name], 0, 100, '', title, description)] as const;
  });
  return Object.fromEntries(rows) as Record<keyof WeightSettings, Definition>;
}

/** Settings from stored rows; a row that is unknown or no longer valid is left out, and its default holds. */
export function settingsFrom(rows: Iterable<readonly [string, unknown]>): Settings {
  const settings: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  for (const [key, value] of rows) {
    if (!isSettingKey(key)) continue;
    const parsed = parseSetting(key, value);
    if (parsed.ok) settings[key] = parsed.value;
  }
  return settings as unknown as Settings;
}

function numberOf(
  standard: number,
  least: number,
  most: number,
  unit: string,
  title: string,
  description: string,
): Definition {
  return { kind: 'number', default: standard, least, most, unit, title, description };
}
