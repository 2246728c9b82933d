// Build, runtime, app folder, window: each said in a line at most, each failure in a sentence that says what to do.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BuildError, buildIfNeeded } from '../build/build.ts';
import { runChild } from '../bundled-node.mjs';
import { nodeExecutable, projectFolder } from '../project.ts';
import { readMachine } from '../runtime/machine.ts';
import { RegistryError } from '../runtime/registry.ts';
import { NoRuntimeError, readyApp, resolveRuntime } from '../runtime/resolve.ts';

/** Starts Labwatch with the given arguments and resolves with the exit code once it has ended. */
export async function start(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  try {
    const buildStamp = await buildIfNeeded(projectFolder, say);
    if (!readMachine(env).hasDisplay) {
      say('There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set): going on as labwatch headless.');
      return await runHeadless(args);
    }
    const runtime = await resolveRuntime(say, env);
    say(`Opening Labwatch in ${runtime.label}.`);
    for (const note of runtime.notes) say(note);
    const appFolder = await readyApp(runtime, buildStamp);
    return await become(runtime.executablePath, [...runtime.args, appFolder, ...args], appEnvironment(env));
  } catch (error) {
    if (!(error instanceof BuildError || error instanceof NoRuntimeError || error instanceof RegistryError))
      throw error;
    say(error.message);
    return 1;
  }
}

/** Node's newest way to start a program in place of itself; neither on Windows nor in older ones. */
type Replaceable = { execve?(file: string, args: readonly string[], env: NodeJS.ProcessEnv): never };

/** Becomes the program where the system can, so that no launcher stays in memory beside it; else runs it as a child. */
function become(program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const { execve } = process as Replaceable;
  if (execve === undefined || process.platform === 'win32') return runChild(program, args, env);
  return execve(program, [program, ...args], env);
}

/** The app learns how it was started, so that *start at login* can start it the same way. */
function appEnvironment({ ELECTRON_RUN_AS_NODE: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const launcher = [nodeExecutable, join(projectFolder, 'scripts', 'start.mjs')];
  return { ...env, LABWATCH_LAUNCHER: JSON.stringify(launcher) };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function runHeadless(args: readonly string[]): Promise<number> {
  const cli: { run(argv: readonly string[]): Promise<number> } = await import(
    pathToFileURL(join(projectFolder, 'out', 'main', 'cli.js')).href
  );
  // `--hidden` is about a window, which there is none of.
  return cli.run(['headless', ...args.filter((one) => one !== '--hidden')]);
}
