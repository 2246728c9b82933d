/** The settings in the order a person looks for them. A setting that no group names stands under "More". */
import { SCORE_NAMES } from '../../core/scheduling/score-names.ts';
import { SETTING_KEYS, type SettingKey } from '../../core/settings/settings.ts';

export interface SettingGroup {
  readonly id: string;
  readonly title: string;
  readonly keys: readonly SettingKey[];
}

const NAMED: readonly SettingGroup[] = [
  { id: 'monitoring', title: 'Monitoring', keys: ['level'] },
  {
    id: 'history',
    title: 'History',
    keys: [
      'retention.rawHours',
      'retention.oneMinuteDays',
      'retention.tenMinuteDays',
      'retention.oneHourDays',
      'retention.maxGigabytes',
    ],
  },
  { id: 'workers', title: 'Workers', keys: ['listener.address', 'listener.port', 'workers.lostAfterSeconds'] },
  {
    id: 'tasks',
    title: 'Tasks',
    keys: [
      'scheduling.profile',
      'scheduling.heedsOtherLoad',
      'retention.taskOutputDays',
      'retention.taskOutputGigabytes',
      'retention.fetchedDays',
      'retention.fetchedGigabytes',
    ],
  },
  {
    id: 'weights',
    title: 'Weights of placement',
    keys: SCORE_NAMES.map((name) => `scheduling.weight.${name}` as const),
  },
  { id: 'window', title: 'Window', keys: ['theme', 'startAtLogin'] },
];

const unnamed = SETTING_KEYS.filter((key) => !NAMED.some(({ keys }) => keys.includes(key)));

export const SETTING_GROUPS: readonly SettingGroup[] =
  unnamed.length === 0 ? NAMED : [...NAMED, { id: 'more', title: 'More', keys: unnamed }];
