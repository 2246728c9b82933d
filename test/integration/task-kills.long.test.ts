/** The same as on each change, with fifty other seeds: some hundred and fifty kills. */
import { beforeAll, describe, it } from 'vitest';
import { buildIfNeeded } from '../../scripts/build/build.ts';
import { projectFolder } from '../support/source.ts';
import { expectTasksToSurviveKills } from './killed-tasks.ts';

const SEEDS = Array.from({ length: 50 }, (_, index) => 9 + index);

beforeAll(async () => {
  await buildIfNeeded(projectFolder, () => undefined);
});

describe('tasks while processes are killed, at length', () => {
  it.each(SEEDS)('are each accounted for, seed %i', expectTasksToSurviveKills);
});
