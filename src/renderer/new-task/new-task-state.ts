/** Whether a new task is being written, and with what it starts; apart from the dialog, which is loaded when first asked for. */
import { createStore } from '../state/store.ts';
import type { TaskDraft } from './draft.ts';

/** A plan file that a person brought and that was refused. */
export interface RefusedPlan {
  readonly fileName: string;
  readonly text: string;
  readonly folder: string | null;
  /** Why, in a sentence. */
  readonly reason: string;
}

export interface NewTaskStart {
  /** Fills the form. */
  readonly draft?: TaskDraft;
  /** Shows this plan instead of the form. */
  readonly refused?: RefusedPlan;
}

/** Null: closed. */
export const newTask = createStore<NewTaskStart | null>(null);

export function openNewTask(start: NewTaskStart = {}): void {
  newTask.set(start);
}

export function closeNewTask(): void {
  newTask.set(null);
}
