import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ensureDebianPackages } from '../../../scripts/testing/debian-packages.ts';

const absent = { names: ['labwatch-no-such-package', 'labwatch-no-such-package-either'], why: 'this test' };
const present = { names: ['labwatch-no-such-package', 'dpkg'], why: 'this test' };

describe.runIf(existsSync('/usr/bin/dpkg'))('the Debian packages that the tests need', () => {
  test('are named with the reason and the command where they are missing and may not be installed', async () => {
    const outcome = ensureDebianPackages([absent, present], false);
    await expect(outcome).rejects.toThrow(
      'Missing Debian packages: labwatch-no-such-package (this test). ' +
        'Install them with: sudo apt-get install labwatch-no-such-package',
    );
  });

  test('count under any of the names they had in different releases', async () => {
    await expect(ensureDebianPackages([present], false)).resolves.toBeUndefined();
  });
});
