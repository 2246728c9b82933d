/** A program that dies of a bug while it has the terminal. */
import { openScreen } from '../../src/app/terminal-screen.ts';

const screen = openScreen({
  stdin: process.stdin,
  stdout: process.stdout,
  env: process.env,
  onKey: () => {
    throw new Error('a bug');
  },
  onResize: () => undefined,
});
screen.draw([[['ready']]]);
