/** The environment of a command as a shell that starts it reads it, exactly as it is. */

/** Those that shells keep for themselves: some refuse another's value, others change it. */
const KEPT_BY_SHELLS =
  /^(_|UID|EUID|PPID|GROUPS|DIRSTACK|FUNCNAME|S?RANDOM|SECONDS|EPOCH.*|LINENO|HISTCMD|OPTIND|SHLVL|SHELLOPTS|BASH.*)$/;

export interface ShellVariables {
  /** To be read with `.` right before the command is executed. */
  readonly text: string;
  /** What no shell can take that way, as words before the command, for everybody to see: `env a.b=c`. */
  readonly words: readonly string[];
}

/** `envProgram`: the path of env(1). */
export function shellVariables(env: Readonly<Record<string, string>>, envProgram: string): ShellVariables {
  const all = Object.entries(env);
  const isExported = ([name]: (typeof all)[number]): boolean =>
    /^[A-Za-z_]\w*$/.test(name) && !KEPT_BY_SHELLS.test(name);
  const exports = all.filter(isExported).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`);
  const others = all.filter((one) => !isExported(one)).map(([name, value]) => `${name}=${value}`);
  return { text: exports.join(''), words: others.length === 0 ? [] : [envProgram, ...others] };
}
