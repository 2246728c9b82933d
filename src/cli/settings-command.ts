/**
 * `labwatch settings list|get|set`.
 *
 * Over the control socket while an instance runs. Otherwise straight in the data folder, whose lock is held meanwhile,
 * so that a machine can be set up before its first start.
 */
import { Argument, type Command } from 'commander';
import { fail } from '../core/result.ts';
import { isSettingKey, SETTING_KEYS, SETTINGS, type SettingKey, type Settings } from '../core/settings/settings.ts';
import { addCommand, complain, dataDirOf, print, printJson } from './command.ts';
import type { Outcome } from './index.ts';
import { openSettings } from './settings-access.ts';

interface SettingsFlags {
  readonly json?: boolean;
}

export function addSettings(program: Command, outcome: Outcome): void {
  const settings = addCommand(program, 'settings', 'show or change settings', 'labwatch settings set level detailed');

  addCommand(settings, 'list', 'show every setting', 'labwatch settings list --json')
    .option('--json', 'print JSON')
    .action(async (flags: SettingsFlags, command: Command) => {
      outcome.exitCode = await list(dataDirOf(command), flags);
    });
  addCommand(settings, 'get', 'show one setting', 'labwatch settings get level')
    .addArgument(keyArgument())
    .option('--json', 'print JSON')
    .action(async (key: string, flags: SettingsFlags, command: Command) => {
      outcome.exitCode = await get(dataDirOf(command), key, flags);
    });
  addCommand(settings, 'set', 'change one setting', 'labwatch settings set retention.rawHours 72')
    .addArgument(keyArgument())
    .argument('<value>', 'its new value')
    .option('--json', 'print JSON')
    .action(async (key: string, value: string, flags: SettingsFlags, command: Command) => {
      outcome.exitCode = await set(dataDirOf(command), key, value, flags);
    });
}

async function list(dataDir: string, flags: SettingsFlags) {
  const access = await openSettings(dataDir, 'read');
  if (!access.ok) return complain(access.error);
  const settings = await access.value.read();
  await access.value.dispose();
  if (!settings.ok) return complain(settings.error);
  if (flags.json) printJson(settings.value);
  else for (const line of settingLines(settings.value)) print(line);
  return 0;
}

async function get(dataDir: string, key: string, flags: SettingsFlags) {
  if (!isSettingKey(key)) return complain(unknownKey(key));
  const access = await openSettings(dataDir, 'read');
  if (!access.ok) return complain(access.error);
  const settings = await access.value.read();
  await access.value.dispose();
  if (!settings.ok) return complain(settings.error);
  if (flags.json) printJson({ [key]: settings.value[key] });
  else print(String(settings.value[key]));
  return 0;
}

async function set(dataDir: string, key: string, value: string, flags: SettingsFlags) {
  if (!isSettingKey(key)) return complain(unknownKey(key));
  const access = await openSettings(dataDir, 'write');
  if (!access.ok) return complain(access.error);
  const settings = await access.value.change(key, value);
  await access.value.dispose();
  if (!settings.ok) return complain(settings.error);
  if (flags.json) printJson({ [key]: settings.value[key] });
  else print(`${key} = ${settings.value[key]}`);
  return 0;
}

function settingLines(settings: Settings): readonly string[] {
  const keyColumns = Math.max(...SETTING_KEYS.map((key) => key.length));
  const valueColumns = Math.max(...SETTING_KEYS.map((key) => valueWithUnit(key, settings).length));
  return SETTING_KEYS.map((key) => {
    const cells = [key.padEnd(keyColumns), valueWithUnit(key, settings).padEnd(valueColumns)];
    return [...cells, SETTINGS[key].description].join('  ');
  });
}

function valueWithUnit(key: SettingKey, settings: Settings): string {
  const definition = SETTINGS[key];
  return `${settings[key]} ${definition.kind === 'number' ? definition.unit : ''}`.trimEnd();
}

function keyArgument(): Argument {
  return new Argument('<key>', `one of ${SETTING_KEYS.join(', ')}`);
}

function unknownKey(key: string) {
  return fail('invalid-argument', `There is no setting ${key}. Those there are: ${SETTING_KEYS.join(', ')}.`).error;
}
