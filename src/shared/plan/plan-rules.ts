/** What holds between the fields of a plan and between its tasks, which no schema can say. */
import { MOST_LABELS } from '../../core/fleet/labels.ts';
import { formatBytes } from '../../core/metrics/format.ts';
import { dependencyCycle } from './dependency-cycle.ts';
import { nearestName } from './nearest-name.ts';
import { type PlanProblem, quoted, shown } from './plan-problem.ts';
import { MOST_COMMAND_BYTES, MOST_STDIN_BYTES, MOST_VARIABLES, type PlanFile, type PlannedTask } from './schema.ts';

/** Of a task as JSON: with its sums and ids it must fit into one message to a worker. */
const MOST_TASK_BYTES = 768 * 1024;
/** Names of a cycle that are told. */
const MOST_NAMES = 6;

/** The first rule that the plan breaks, or null. */
export function brokenRule(plan: PlanFile): PlanProblem | null {
  for (const [place, task] of plan.tasks.entries()) {
    const broken = brokenByTask(task);
    if (broken !== null) return { ...broken, path: ['tasks', place, ...broken.path] };
  }
  return repeatedName(plan) ?? unknownAfter(plan) ?? cycleIn(plan);
}

function brokenByTask(task: PlannedTask): PlanProblem | null {
  for (const rule of TASK_RULES) {
    const broken = rule(task);
    if (broken !== null) return broken;
  }
  return null;
}

type TaskRule = (task: PlannedTask) => PlanProblem | null;

const TASK_RULES: readonly TaskRule[] = [
  whatIsRun,
  ({ command }) => tooMuch(['command'], bytesOf([command].flat()), MOST_COMMAND_BYTES),
  ({ env }) => tooMany(['env'], Object.keys(env).length, MOST_VARIABLES, 'variables'),
  ({ env }) => tooMuch(['env'], bytesOf(Object.entries(env).map((entry) => entry.join('='))), MOST_COMMAND_BYTES),
  ({ stdin = '' }) => tooMuch(['stdin'], bytesOf([stdin]) - 1, MOST_STDIN_BYTES),
  twoFilesInOnePlace,
  gpusWithoutCount,
  ({ needs }) => tooMany(['needs', 'labels'], Object.keys(needs.labels).length, MOST_LABELS, 'labels'),
  limitWithoutGroup,
  (task) => tooMuch([], bytesOf([JSON.stringify(task)]), MOST_TASK_BYTES),
];

function whatIsRun({ shell, command }: PlannedTask): PlanProblem | null {
  const path = ['command'];
  if (!shell && typeof command === 'string') {
    return { path, found: quoted(command), expected: 'a list of texts, or "shell": true beside it' };
  }
  if (shell && typeof command !== 'string' && command.length > 1) {
    return { path, found: 'a list', expected: 'one text, because of "shell": true' };
  }
  const [program = ''] = [command].flat();
  return program.trim() === '' ? { path, found: quoted(program), expected: 'the name of a program' } : null;
}

function twoFilesInOnePlace({ bring }: PlannedTask): PlanProblem | null {
  const taken = new Set<string>();
  for (const [place, { to }] of bring.entries()) {
    if (taken.has(to)) {
      return { path: ['bring', place, 'to'], found: quoted(to), expected: 'a place that no other file goes to' };
    }
    taken.add(to);
  }
  return null;
}

function gpusWithoutCount({ needs: { gpus, gpuMemoryBytes, gpuModel } }: PlannedTask): PlanProblem | null {
  const asked = gpuMemoryBytes === undefined ? 'gpuModel' : 'gpuMemoryBytes';
  const value = gpuMemoryBytes ?? gpuModel;
  if (gpus > 0 || value === undefined) return null;
  return { path: ['needs', asked], found: shown(value), expected: 'needs.gpus beside it' };
}

function limitWithoutGroup({ group, groupLimit }: PlannedTask): PlanProblem | null {
  if (groupLimit === undefined || group !== undefined) return null;
  return { path: ['groupLimit'], found: shown(groupLimit), expected: 'group beside it' };
}

/** As UTF-8, with a byte after each, as the system counts them. */
function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + encoder.encode(text).length + 1, 0);
}

const encoder = new TextEncoder();

function tooMuch(path: readonly PropertyKey[], bytes: number, most: number): PlanProblem | null {
  return bytes <= most ? null : { path, found: formatBytes(bytes), expected: `at most ${formatBytes(most)} together` };
}

function tooMany(path: readonly PropertyKey[], count: number, most: number, what: string): PlanProblem | null {
  return count <= most ? null : { path, found: `${count} ${what}`, expected: `at most ${most}` };
}

function repeatedName({ tasks }: PlanFile): PlanProblem | null {
  const placeByName = new Map<string, number>();
  for (const [place, { name }] of tasks.entries()) {
    const before = placeByName.get(name);
    if (before !== undefined) {
      const expected = `a name other than that of tasks[${before}]`;
      return { path: ['tasks', place, 'name'], found: quoted(name), expected };
    }
    placeByName.set(name, place);
  }
  return null;
}

function unknownAfter({ tasks }: PlanFile): PlanProblem | null {
  const names = new Set(tasks.map(({ name }) => name));
  for (const [place, { after }] of tasks.entries()) {
    const unknown = after.findIndex((name) => !names.has(name));
    if (unknown < 0) continue;
    const found = after[unknown] ?? '';
    const meant = nearestName(found, [...names]);
    const expected = `the name of a task of this plan${meant === null ? '' : ` such as ${quoted(meant)}`}`;
    return { path: ['tasks', place, 'after', unknown], found: quoted(found), expected };
  }
  return null;
}

function cycleIn({ tasks }: PlanFile): PlanProblem | null {
  const cycle = dependencyCycle(tasks);
  if (cycle === null) return null;
  const place = tasks.findIndex(({ name }) => name === cycle[0]);
  const told = cycle.length <= MOST_NAMES ? cycle : [...cycle.slice(0, MOST_NAMES - 2), '…', ...cycle.slice(-1)];
  const names = told.map((name) => quoted(name).slice(1, -1));
  return {
    path: ['tasks', place, 'after'],
    found: `the cycle ${names.join(' → ')}`,
    expected: 'tasks that do not wait for each other',
  };
}
