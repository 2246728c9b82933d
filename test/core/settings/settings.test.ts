import { describe, expect, test } from 'vitest';
import { weightsOf } from '../../../src/core/scheduling/profiles.ts';
import {
  DEFAULT_SETTINGS,
  parseSetting,
  SETTING_KEYS,
  SETTINGS,
  settingsFrom,
} from '../../../src/core/settings/settings.ts';
import { weighingOf } from '../../../src/core/settings/weighing.ts';

describe('settings', () => {
  test('every default passes its own check', () => {
    for (const key of SETTING_KEYS)
      expect(parseSetting(key, SETTINGS[key].default)).toEqual({ ok: true, value: DEFAULT_SETTINGS[key] });
  });

  test('task output and fetched files are kept thirty days, within five and ten gigabytes', () => {
    expect(DEFAULT_SETTINGS).toMatchObject({
      'retention.taskOutputDays': 30,
      'retention.taskOutputGigabytes': 5,
      'retention.fetchedDays': 30,
      'retention.fetchedGigabytes': 10,
    });
  });

  test('tasks are placed balanced, and by weights of one’s own with the profile custom', () => {
    expect(weighingOf(DEFAULT_SETTINGS)).toEqual({ profile: 'balanced', weights: weightsOf('balanced') });
    const packed = { ...DEFAULT_SETTINGS, 'scheduling.profile': 'packed', 'scheduling.weight.cost': 7 } as const;
    expect(weighingOf(packed)).toEqual({ profile: 'packed', weights: weightsOf('packed') });
    expect(weighingOf({ ...packed, 'scheduling.profile': 'custom' })).toEqual({
      profile: 'custom',
      weights: { ...weightsOf('balanced'), cost: 7 },
    });
  });

  test('text from the command line becomes a number or a switch', () => {
    expect(parseSetting('retention.rawHours', '72')).toEqual({ ok: true, value: 72 });
    expect(parseSetting('startAtLogin', 'true')).toEqual({ ok: true, value: true });
  });

  test.each(['0.0.0.0', '127.0.0.1', '192.168.1.5', '::', '::1', 'fd00::7', '2001:db8:0:0:0:0:0:1'])(
    '%s is an address to listen at',
    (address) => {
      expect(parseSetting('listener.address', address)).toEqual({ ok: true, value: address });
    },
  );

  test.each([
    ['retention.rawHours', '', /from 1 to 720/],
    ['retention.rawHours', 'abc', /from 1 to 720/],
    ['retention.rawHours', 721, /from 1 to 720/],
    ['retention.rawHours', Number.NaN, /from 1 to 720/],
    ['retention.taskOutputDays', 366, /a number of days from 1 to 365/],
    ['retention.fetchedGigabytes', 0, /a number of GB from 0.05 to 10000/],
    ['level', 'extreme', /basic, standard, detailed, intensive/],
    ['theme', null, /system, dark, light/],
    ['startAtLogin', 'yes', /true or false/],
    ['listener.port', '74.5', /a whole number from 0 to 65535/],
    ['listener.port', 65_536, /a whole number from 0 to 65535/],
    ['workers.lostAfterSeconds', '9', /a number of seconds from 10 to 86400/],
    ['listener.address', 'rig-01.lab', /an IP address, such as 127\.0\.0\.1/],
    ['listener.address', '192.168.1', /an IP address/],
    ['listener.address', '192.168.1.256', /an IP address/],
    ['listener.address', 'fe80::1%eth0', /an IP address/],
    ['listener.address', ':::', /an IP address/],
    ['listener.address', '', /an IP address/],
  ] as const)('%s = %j is refused with a sentence that names what is allowed', (key, value, sentence) => {
    const parsed = parseSetting(key, value);
    expect(parsed.ok).toBe(false);
    if (!parsed.ok) expect(parsed.error.message).toMatch(sentence);
  });

  test('a stored row that is unknown or no longer valid leaves its default', () => {
    const settings = settingsFrom([
      ['level', 'basic'],
      ['retention.rawHours', -5],
      ['from.the.future', 1],
    ]);
    expect(settings).toEqual({ ...DEFAULT_SETTINGS, level: 'basic' });
  });
});
