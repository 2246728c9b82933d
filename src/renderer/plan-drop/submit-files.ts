/** Submits dropped plan files, one after the other, and shows the last run; a wrong one is shown with what is wrong. */
import type { RunId } from '../../core/tasks/task.ts';
import { call, pathOf } from '../api.ts';
import { openNewTask } from '../new-task/new-task-state.ts';
import { goToRun } from '../state/task-place.ts';

/** No plan is larger; a film that was dropped by mistake is not read. */
const MOST_BYTES = 16e6;

export async function submitFiles(files: readonly File[]): Promise<void> {
  let lastRunId: RunId | null = null;
  for (const file of files) {
    const text = await textOf(file);
    const folder = folderOf(file);
    const answer = text === null ? null : await call('tasks:submit', text, folder);
    if (answer?.ok) {
      lastRunId = answer.value.runId;
      continue;
    }
    const reason =
      answer?.error.message ?? `${file.name} is no plan file: it cannot be read as a text of at most 16 MB.`;
    openNewTask({ refused: { fileName: file.name, text: text ?? '', folder, reason } });
    break;
  }
  if (lastRunId !== null) goToRun(lastRunId);
}

/** Null for a folder, for what cannot be read, and for what is too large to be a plan. */
async function textOf(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES) return null;
  return file.text().catch(() => null);
}

/** Files that the plan brings lie beside it. */
function folderOf(file: File): string | null {
  const path = pathOf(file);
  if (path === null) return null;
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  return end <= 0 ? path.slice(0, end + 1) || null : path.slice(0, end);
}
