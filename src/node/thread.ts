/**
 * Where the entry files of our worker threads lie: beside this file while running from source, in the build's top folder
 * once bundled. The build (electron.vite.config.ts) names its entries the same.
 */
const SOURCES = {
  'sampler-thread': './sampling/sampler-thread.ts',
  'store-thread': './storage/store-thread.ts',
} as const;

export function threadEntry(name: keyof typeof SOURCES): URL {
  const here = import.meta.url;
  if (here.endsWith('.ts')) return new URL(SOURCES[name], here);
  return new URL(here.includes('/chunks/') ? `../${name}.js` : `./${name}.js`, here);
}
