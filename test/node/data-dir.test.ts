import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dataDirPath, type Surroundings } from '../../src/node/data-dir.ts';

function around(platform: NodeJS.Platform, env: Record<string, string> = {}): Surroundings {
  return { platform, env, homeDir: '/home/ada' };
}

describe('the data folder', () => {
  it('follows the platform where nobody chose', () => {
    expect(dataDirPath(undefined, around('linux'))).toBe('/home/ada/.local/share/labwatch');
    expect(dataDirPath(undefined, around('linux', { XDG_DATA_HOME: '/data/ada' }))).toBe('/data/ada/labwatch');
    expect(dataDirPath(undefined, around('darwin'))).toBe('/home/ada/Library/Application Support/Labwatch');
    expect(dataDirPath(undefined, around('win32', { APPDATA: '/profile/Roaming' }))).toBe('/profile/Roaming/Labwatch');
  });

  it('ignores a relative XDG_DATA_HOME, as the specification demands', () => {
    expect(dataDirPath(undefined, around('linux', { XDG_DATA_HOME: 'data' }))).toBe('/home/ada/.local/share/labwatch');
  });

  it('prefers --data-dir to LABWATCH_DATA_DIR, and both to the platform; relative ones start here', () => {
    const env = { LABWATCH_DATA_DIR: '/srv/labwatch' };
    expect(dataDirPath(undefined, around('linux', env))).toBe('/srv/labwatch');
    expect(dataDirPath('/srv/other', around('linux', env))).toBe('/srv/other');
    expect(dataDirPath('here', around('linux', env))).toBe(join(process.cwd(), 'here'));
  });

  it('takes an empty choice for none', () => {
    expect(dataDirPath('', around('linux', { LABWATCH_DATA_DIR: '' }))).toBe('/home/ada/.local/share/labwatch');
  });
});
