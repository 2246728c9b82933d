/**
 * A bug ends the agent with a status of its own: a service starts it again then, but not after a refusal, which ends it
 * with 1.
 */
export const SOFTWARE_FAULT = 70;

/** From now on. 70 is EX_SOFTWARE of sysexits.h. */
export function exitOnCrash(): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`labwatch: the agent met a bug and ends. ${error.stack ?? String(error)}\n`);
    process.exit(SOFTWARE_FAULT);
  });
}
