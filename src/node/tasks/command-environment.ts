/**
 * The environment of a command: a small base, what its plan says, what tells it and its processes apart. The agent's own
 * variables stay with the agent: secrets may be among them.
 */
import type { AttemptOrder } from '../../core/tasks/attempt.ts';

export interface TaskUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
}

const KEPT = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
const USUAL_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every command starts from. */
export function baseEnvironment(
  user: TaskUser | null,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Readonly<Record<string, string>> {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  const base = { PATH: USUAL_PATH, ...kept };
  if (user === null) return base;
  const { TMPDIR: _, ...others } = base as Record<string, string>;
  return { ...others, HOME: user.home, USER: user.name, LOGNAME: user.name, SHELL: user.shell };
}

/** What the plan says wins over the base, and loses to what the worker knows: its devices, its own marks. */
export function commandEnvironment(
  base: Readonly<Record<string, string>>,
  order: Pick<AttemptOrder, 'attemptId' | 'taskId' | 'env' | 'gpuIndexes'>,
  scratch: string,
): Readonly<Record<string, string>> {
  return {
    ...base,
    ...order.env,
    ...visibleGpus(order.gpuIndexes),
    LABWATCH_ATTEMPT: order.attemptId,
    LABWATCH_TASK: order.taskId,
    LABWATCH_SCRATCH: scratch,
  };
}

/** Of the loader and the C library, which every program obeys; of shells; of the languages that programs are written in. */
const STEERING = [
  /^(PATH|LD_.*|DYLD_.*|GCONV_PATH|GLIBC_TUNABLES)$/,
  /^(ENV|BASH_ENV|BASH_FUNC_.*|SHELLOPTS|BASHOPTS|PS4)$/,
  /^(PERL5?(OPT|LIB|DB)|PYTHON(PATH|HOME|STARTUP|USERBASE|WARNINGS|BREAKPOINT|PYCACHEPREFIX)|RUBY(OPT|LIB))$/,
  /^(NODE_(OPTIONS|PATH)|_?JAVA_.*|JDK_JAVA_OPTIONS|CLASSPATH)$/,
];

/** Without what would put other code into a program that the owner allows, or in the place of one that it starts. */
export function withoutSteering(env: AttemptOrder['env']): AttemptOrder['env'] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !STEERING.some((one) => one.test(name))));
}

/**
 * A command that was given no GPU sees none. HIP counts within what ROCR lets through, and takes CUDA's variable for its
 * own where it has none, so it gets one; CUDA counts as nvidia-smi does only when told to.
 */
function visibleGpus(indexes: readonly number[]): Readonly<Record<string, string>> {
  const list = indexes.join(',');
  return {
    CUDA_DEVICE_ORDER: 'PCI_BUS_ID',
    CUDA_VISIBLE_DEVICES: list,
    ROCR_VISIBLE_DEVICES: list,
    HIP_VISIBLE_DEVICES: indexes.map((_, place) => place).join(','),
  };
}
