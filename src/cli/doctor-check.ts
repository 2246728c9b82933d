/** One finding of `labwatch doctor`. */
export interface Check {
  readonly name: string;
  /** `failed`: Labwatch cannot run. `warning`: something is missing that could work. `note`: so it is, nothing to mend. */
  readonly state: 'ok' | 'note' | 'warning' | 'failed';
  readonly detail: string;
  /** A command or action that mends it. */
  readonly remedy: string | null;
}

export function check(name: string, state: Check['state'], detail: string, remedy: string | null = null): Check {
  return { name, state, detail, remedy };
}
