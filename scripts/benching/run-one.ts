// Runs one bench file once, in a process of its own, and writes its figures to a file.
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Figure } from './figure.ts';

const [benchFile = '', outFile = ''] = process.argv.slice(2);
const { bench }: { bench(): Promise<readonly Figure[]> } = await import(pathToFileURL(benchFile).href);
writeFileSync(outFile, JSON.stringify(await bench()));
// A bench that left something running has still given its figures.
process.exit(0);
