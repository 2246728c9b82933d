/** Tells the app once that a real value stands on the screen: it notes how long the start took. */
import { call } from '../api.ts';
import { afterFrame } from '../ui/after-frame.ts';

let isTold = false;

/** To be called when the first figures were written; the message goes after the frame that shows them. */
export function tellFirstPaint(): void {
  if (isTold) return;
  isTold = true;
  void afterFrame().then(() => call('app:painted'));
}
