/** Remembers which types of tasks were met, so that each keeps its colour. */
import { changeUi, ui } from '../state/ui.ts';
import type { AttemptStore } from './attempt-store.ts';
import { typeColour, withTypes } from './type-colours.ts';

/** Notes the types of all attempts that come, until the returned function is called. */
export function rememberTypes({ state }: AttemptStore): () => void {
  const note = () => {
    const now = state.get();
    if (now.status !== 'ready') return;
    const oldestFirst = [...now.byWorker.values()].flat().toSorted((one, other) => one.placedAtMs - other.placedAtMs);
    const { typeColours } = ui.get();
    const known = withTypes(
      typeColours,
      oldestFirst.map(({ type }) => type),
    );
    if (known !== typeColours) changeUi({ typeColours: known });
  };
  note();
  return state.subscribe(note);
}

export function colourOfType(type: string | null): number {
  return typeColour(ui.get().typeColours, type);
}
