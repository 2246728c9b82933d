/** A start of its own process: makes the fallback from a local tarball, slowly enough to be interrupted. */
import { appendFileSync, copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFallback } from '../../../scripts/runtime/fallback.ts';

const [cache = '', pinJson = '', tarball = '', log = '', mode = ''] = process.argv.slice(2);

await ensureFallback(
  cache,
  {
    pin: JSON.parse(pinJson),
    async fetchTarball(folder) {
      appendFileSync(log, 'fetched\n');
      const file = join(folder, 'package.tgz');
      copyFileSync(tarball, file);
      if (mode === 'hang') {
        truncateSync(file, 100);
        process.stdout.write('half\n');
        await new Promise((resolve) => setTimeout(resolve, 600_000));
      }
      return file;
    },
  },
  (line) => process.stdout.write(`${line}\n`),
);
