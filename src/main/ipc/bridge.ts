/** The main process's side of the contract: checks the sender and the arguments, then calls the one handler of a channel. */
import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron';
import { fail, ok, type Result } from '../../core/result.ts';
import type { Log } from '../../engine/ports.ts';
import { CALLS, type Calls, isBareCall, type Pushes } from '../../shared/ipc/contract.ts';
import { isOwnPage } from '../security.ts';

type Answer<Name extends keyof Calls> = Result<ReturnType<Calls[Name]>>;

/** One handler a channel; each answers a Result and may take its time. */
export type CallHandlers = {
  readonly [Name in keyof Calls]: (...args: Parameters<Calls[Name]>) => Answer<Name> | Promise<Answer<Name>>;
};

/** Answers calls as soon as `handlers` are there; calls that come earlier wait for them. */
export function answerCalls(handlers: Promise<CallHandlers>, log: Log): void {
  for (const name of CALLS) {
    ipcMain.handle(name, async (event, ...args) => {
      if (!isFromOwnPage(event)) return fail('not-permitted', 'This page may not talk to Labwatch.');
      const checked = await checkedArguments(name, args);
      if (checked === null) return fail('invalid-argument', `${name} was called with arguments it does not take.`);
      try {
        const handler = (await handlers)[name] as (...args: unknown[]) => unknown;
        return await handler(...checked);
      } catch (error) {
        log.error(`The handler of ${name} failed.`, { error: String(error) });
        return fail('internal', 'Something went wrong inside Labwatch; the log has the details.');
      }
    });
  }
}

/** The arguments as the schema gives them back, or null where they do not fit. */
async function checkedArguments(name: keyof Calls, args: readonly unknown[]): Promise<readonly unknown[] | null> {
  if (isBareCall(name)) return args.length === 0 ? args : null;
  // Not imported above: the schemas' library is large, and the calls of the first paint carry no arguments.
  const { CALL_ARGUMENTS } = await import('../../shared/ipc/schemas.ts');
  const checked = CALL_ARGUMENTS[name].safeParse(args);
  return checked.success ? (checked.data as readonly unknown[]) : null;
}

/** Sends a push if the page is still there. */
export function push<Name extends keyof Pushes>(to: WebContents, name: Name, payload: Pushes[Name]): void {
  if (!to.isDestroyed()) to.send(name, payload);
}

/** For handlers that only do something: `ok(null)`. */
export const done = ok(null);

function isFromOwnPage(event: IpcMainInvokeEvent): boolean {
  return event.senderFrame !== null && event.senderFrame.parent === null && isOwnPage(event.senderFrame.url);
}
