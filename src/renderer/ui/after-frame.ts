/** Resolves once the next frame is on the screen; in a hidden window, when it is seen again. */
export function afterFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 0)));
}
