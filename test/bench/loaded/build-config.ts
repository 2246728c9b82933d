/** The app's build with one file exchanged: the composition, for the one that puts a load on it. */
import { join } from 'node:path';
import { defineConfig } from 'electron-vite';
import type { Plugin } from 'vite';
import app from '../../../electron.vite.config.ts';

const loaded = join(import.meta.dirname, 'compose.ts');

const exchange: Plugin = {
  name: 'compose-with-load',
  enforce: 'pre',
  resolveId: (source, importer) => (source.endsWith('app/compose.ts') && importer !== loaded ? loaded : null),
};

export default defineConfig({ ...app, main: { ...app.main, plugins: [exchange] } });
