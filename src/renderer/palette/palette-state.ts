/** Whether the command palette is open; apart from the palette itself, which is loaded when first asked for. */
import { createStore } from '../state/store.ts';

export const isPaletteOpen = createStore(false);

export function openPalette(): void {
  isPaletteOpen.set(true);
}

export function closePalette(): void {
  isPaletteOpen.set(false);
}
