/**
 * Under which keys a task is remembered, from the most specific to the most general: what ran under one of them tells what
 * to expect of the next.
 *
 * Templates over what is known of a job, tried from specific to general, follow Smith, Foster and Taylor (JSSPP 1998). That
 * digits and folders are what varies between runs of one command is how Drain (He et al., ICWS 2017) and its kind tell the
 * templates of log lines.
 */
import { installedMemoryBytes } from '../fleet/memory-size.ts';
import type { TaskSpec } from '../tasks/task.ts';
import type { Candidate } from './place.ts';

/** `here`: on this kind of worker. `shape`: the same command but for numbers and folders; `any-size`: whatever it asks for. */
export type PredictionBasis =
  | 'command-here'
  | 'command'
  | 'shape-here'
  | 'shape'
  | 'shape-any-size'
  | 'type'
  | 'everything';

export interface PredictionKey {
  readonly basis: PredictionBasis;
  readonly text: string;
}

/** A machine of which two that are equal run a task about equally fast: hardware, never software or names. */
export type WorkerClass = string & { readonly brand: 'WorkerClass' };

/** Longer texts are remembered by their hash. */
const LONGEST_TEXT = 160;
const EVERYTHING: PredictionKey = { basis: 'everything', text: '*' };

type Subject = Pick<TaskSpec, 'command' | 'isShell' | 'type' | 'needs'>;

interface Texts {
  readonly command: string;
  readonly shape: string;
  readonly anySize: string;
  readonly kind: string;
}

/** A spec never changes. */
const knownTexts = new WeakMap<Subject, Texts>();

/** Most specific first, each text once. What is asked for (cores, GPUs) is a part of the command and of its shape. */
export function predictionKeysOf(spec: Subject, workerClass: WorkerClass | null): readonly PredictionKey[] {
  const { command, shape } = textsOf(spec);
  const keys: readonly (PredictionKey | null)[] = [
    workerClass === null ? null : { basis: 'command-here', text: `${command} @ ${workerClass}` },
    { basis: 'command', text: command },
    workerClass === null || shape === command ? null : { basis: 'shape-here', text: `${shape} @ ${workerClass}` },
    shape === command ? null : { basis: 'shape', text: shape },
    ...generalKeysOf(spec),
  ];
  return keys.filter((key) => key !== null);
}

/** For tasks that wait: those of one shape stand in one line, whatever their numbers. */
export function shapeKeysOf(spec: Subject): readonly PredictionKey[] {
  const { command, shape } = textsOf(spec);
  return [{ basis: shape === command ? 'command' : 'shape', text: shape }, ...generalKeysOf(spec)];
}

function generalKeysOf(spec: Subject): readonly PredictionKey[] {
  const { anySize, kind } = textsOf(spec);
  return [{ basis: 'shape-any-size', text: anySize }, { basis: 'type', text: kind }, EVERYTHING];
}

export function shapeOf(spec: Subject): string {
  return textsOf(spec).shape;
}

/** Null where the hardware is not known yet. */
export function workerClassOf({ capacity, capabilities }: Pick<Candidate, 'capacity' | 'capabilities'>) {
  const before = knownClasses.get(capacity);
  if (before?.capabilities === capabilities) return before.workerClass;
  const workerClass = readClass({ capacity, capabilities });
  knownClasses.set(capacity, { capabilities, workerClass });
  return workerClass;
}

/** Both stay the same until the hardware is read again. */
const knownClasses = new WeakMap<
  Candidate['capacity'],
  { readonly capabilities: Candidate['capabilities']; readonly workerClass: WorkerClass | null }
>();

function readClass({ capacity, capabilities }: Pick<Candidate, 'capacity' | 'capabilities'>): WorkerClass | null {
  const { cores, memoryBytes, gpus } = capacity;
  if (cores === null) return null;
  const hardware = capabilities.filter((text) => text.startsWith('arch.') || text.startsWith('cpu.l3='));
  const memory = installedMemoryBytes(memoryBytes ?? 0);
  return [cores, memory, ...gpus.map(({ model }) => model), ...hardware].join('/') as WorkerClass;
}

function textsOf(spec: Subject): Texts {
  const known = knownTexts.get(spec) ?? readTexts(spec);
  knownTexts.set(spec, known);
  return known;
}

function readTexts({ command, isShell, type, needs }: Subject): Texts {
  const words = isShell ? (command[0] ?? '').split(/\s+/) : command;
  const [program = '', ...rest] = words;
  const asked = `${needs.cores}+${needs.gpus}`;
  const name = lastName(program);
  // The program of an argv is a name, digits and all: `python3`. A line of the shell may begin with anything.
  const shape = [isShell ? masked(program) : name, ...rest.map(masked)];
  return {
    command: bounded([asked, ...words].join('\n')),
    shape: bounded([asked, ...shape].join('\n')),
    anySize: bounded(['any', ...shape].join('\n')),
    kind: bounded(`type ${type ?? name}`),
  };
}

/** `--out=/tmp/run-17/a.csv` and `--out=/tmp/run-18/b.csv` differ by their file alone; numbers never count. */
function masked(word: string): string {
  const [, option = '', value = ''] = /^(-[^=]*=)?(.*)$/s.exec(word) ?? [];
  return (
    option +
    lastName(value)
      .replace(/[0-9a-f-]{8,}/gi, maskedId)
      .replace(/\d+([.,:_-]\d+)*/g, '#')
  );
}

/** A hash, a UUID or a date, and no word that happens to be made of such letters. */
function maskedId(text: string): string {
  return /\d/.test(text) ? '#' : text;
}

function lastName(path: string): string {
  return path.split('/').findLast((name) => name !== '') ?? path;
}

function bounded(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, 40)}…${fnv1a(text)}`;
}

/** FNV-1a (RFC 9923) twice in 32 bits, from two starts: no two of some thousand commands meet. */
function fnv1a(text: string): string {
  let [one, other] = [0x811c9dc5, 0x9747b28c];
  for (let index = 0; index < text.length; index += 1) {
    one = Math.imul(one ^ text.charCodeAt(index), 0x01000193);
    other = Math.imul(other ^ text.charCodeAt(index), 0x01000193);
  }
  return (one >>> 0).toString(16) + (other >>> 0).toString(16);
}
