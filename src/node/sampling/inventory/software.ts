/** The programs that tasks may need, and what they say of their versions. */
import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { InstalledSoftware } from '../../../core/fleet/inventory.ts';
import type { SoftwareName } from '../../../core/fleet/software.ts';
import { findProgram, findPrograms } from './program-search.ts';
import { runShortProgram } from './short-program.ts';

const TIME_LIMIT_MS = 3_000;
/** All together end in time for the inventory even where every one of them hangs. */
const AT_ONCE = 4;
const MOST_PYTHONS = 10;

const VERSION = String.raw`(\d+(?:\.\d+)*)`;

interface Question {
  readonly name: SoftwareName;
  readonly program: string;
  readonly args: readonly string[];
  /** What is not answered in this way is another program under the name. */
  readonly answer: RegExp;
}

const QUESTIONS: readonly Question[] = [
  question('docker', 'docker', ['--version'], `Docker version v?${VERSION}`),
  question('podman', 'podman', ['--version'], `podman version v?${VERSION}`),
  question('containerd', 'containerd', ['--version'], String.raw`containerd \S+ v?${VERSION}`),
  question('apptainer', 'apptainer', ['--version'], `apptainer version ${VERSION}`),
  question('cuda', 'nvcc', ['--version'], `release [^,]+, V${VERSION}`),
  question('gcc', 'gcc', ['--version'], String.raw`^\S*gcc\S* \([^)]*\) ${VERSION}`),
  question('clang', 'clang', ['--version'], `clang version ${VERSION}`),
  question('rustc', 'rustc', ['--version'], `^rustc ${VERSION}`),
  question('go', 'go', ['version'], `^go version go${VERSION}`),
  question('javac', 'javac', ['-version'], `^javac ${VERSION}`),
  question('node', 'node', ['--version'], `^v${VERSION}`),
];

const PYTHON = { args: ['--version'], answer: new RegExp(`^Python ${VERSION}`, 'm') };

/** `folders`: where to look, the first match of a name counts. Takes seconds at most, whatever the programs do. */
export async function findSoftware(folders: readonly string[]): Promise<readonly InstalledSoftware[]> {
  const asked = [
    ...QUESTIONS.flatMap(({ name, program, args, answer }) => {
      const file = findProgram(program, folders);
      return file === null ? [] : [() => ask(name, file, args, answer)];
    }),
    ...findPythons(folders).map((file) => () => ask('python', file, PYTHON.args, PYTHON.answer)),
  ];
  const found = (await inTurns(asked)).filter((one) => one !== null);
  const rocm = findRocm(folders);
  return inOrder(rocm === null ? found : [...found, rocm]);
}

/** In a folder of shims the bare name answers with the version chosen; the numbered ones fail for all others. */
function findPythons(folders: readonly string[]): readonly string[] {
  const isShims = (folder: string) => basename(folder) === 'shims';
  const chosen = findPrograms(/^python3?$/, folders.filter(isShims), 2);
  const others = findPrograms(
    /^python[23]?(?:\.\d+)?$/,
    folders.filter((folder) => !isShims(folder)),
    MOST_PYTHONS,
  );
  return [...chosen, ...others];
}

function question(name: SoftwareName, program: string, args: readonly string[], answer: string): Question {
  return { name, program, args, answer: new RegExp(answer, 'm') };
}

async function ask(
  name: SoftwareName,
  file: string,
  args: readonly string[],
  answer: RegExp,
): Promise<InstalledSoftware | null> {
  const end = await runShortProgram({ file, args, timeLimitMs: TIME_LIMIT_MS });
  // On a machine under load the best of programs is late: it is there, and that is all one knows.
  if (end.kind === 'silent') return { name, version: null };
  if (end.kind === 'unstartable' || (end.kind === 'ended' && end.exitCode !== 0)) return null;
  const version = answer.exec(end.output)?.[1];
  return version === undefined ? null : { name, version: version.slice(0, 40) };
}

/** ROCm leaves its version in a file beside its programs. */
function findRocm(folders: readonly string[]): InstalledSoftware | null {
  const file = findProgram('rocminfo', folders) ?? findProgram('hipconfig', folders);
  if (file === null) return null;
  try {
    const text = readFileSync(join(dirname(realpathSync(file)), '..', '.info', 'version'), 'utf8').slice(0, 100);
    return { name: 'rocm', version: new RegExp(`^${VERSION}`).exec(text)?.[1] ?? null };
  } catch {
    return { name: 'rocm', version: null };
  }
}

/** A few at once: the machine has other work. */
async function inTurns<Answer>(tasks: readonly (() => Promise<Answer>)[]): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const work = async () => {
    while (next < tasks.length) {
      const place = next;
      next += 1;
      answers[place] = await tasks[place]!();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return answers;
}

/** The same list each time, however fast each answered; two Pythons of one version are one. */
function inOrder(found: readonly InstalledSoftware[]): readonly InstalledSoftware[] {
  const byText = new Map(found.map((one) => [`${one.name} ${one.version}`, one]));
  return [...byText.values()];
}
