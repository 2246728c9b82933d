// The order of test files: those of whole labs of processes first, so that none of them is left alone at the end, and those
// that share their process last, which the pool asks for.
import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Their files take tens of seconds, most of it waiting; elsewhere a file's size says enough. */
const slowFolders = ['/test/integration/', '/test/cli/'];

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId, project }: TestSpecification): number {
  if (!project.config.isolate) return slowFolders.length + 1;
  const found = slowFolders.findIndex((folder) => moduleId.includes(folder));
  return found === -1 ? slowFolders.length : found;
}
