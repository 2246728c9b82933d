/** Lets the palette go to a group of settings, also when the view is not there yet. */
let wanted: string | null = null;

function scroll(): void {
  if (wanted === null) return;
  const element = document.getElementById(`settings-${wanted}`);
  if (element === null) return;
  wanted = null;
  element.scrollIntoView({ block: 'start' });
  element.querySelector<HTMLElement>('button, input, select')?.focus({ preventScroll: true });
}

export const scrollToGroup = {
  /** Goes there now, or when the settings appear. */
  request(groupId: string): void {
    wanted = groupId;
    requestAnimationFrame(scroll);
  },
  attach(): void {
    requestAnimationFrame(scroll);
  },
};
