/** Whatever is killed, whenever: each accepted task ends in exactly one final state, and ran as often as its record says. */
import { beforeAll, describe, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { expectTasksToSurviveKills } from './killed-tasks.ts';

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('tasks while processes are killed', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])('are each accounted for, seed %i', expectTasksToSurviveKills);
});
