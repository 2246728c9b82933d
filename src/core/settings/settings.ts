/**
 * Every setting a person can change, with its default, its bounds and its words.
 *
 * The table is the one source for the Settings view, `labwatch settings`, and the check of what arrives over IPC or the
 * control socket. Keys are dotted as people type them.
 */
import { LEVELS, type Level } from '../metrics/level.ts';
import { fail, ok, type Result } from '../result.ts';

export interface Settings {
  readonly level: Level;
  readonly 'retention.rawHours': number;
  readonly 'retention.oneMinuteDays': number;
  readonly 'retention.tenMinuteDays': number;
  readonly 'retention.oneHourDays': number;
  /** Upper bound of metrics.db in GB (10^9 bytes); the oldest raw samples go first. */
  readonly 'retention.maxGigabytes': number;
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
    case 'switch': {
      const text = String(value);
      return text === 'true' || text === 'false'
        ? ok((text === 'true') as Settings[Key])
        : fail('invalid-argument', `${key} must be true or false.`);
    }
    case 'number': {
      const { least, most, unit } = definition;
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
      return typeof number === 'number' && number >= least && number <= most
        ? ok(number as Settings[Key])
        : fail('invalid-argument', `${key} must be a number of ${unit} from ${least} to ${most}.`);
    }
  }
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
