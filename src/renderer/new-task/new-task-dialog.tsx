/** Writes one task and submits it: as a form, or as the plan file that the form makes. */
import { useEffect, useRef, useState } from 'react';
import { call } from '../api.ts';
import { useStore } from '../state/store.ts';
import { goToRun } from '../state/task-place.ts';
import { Modal } from '../ui/modal.tsx';
import { ModalHead } from '../ui/modal-head.tsx';
import { Segmented } from '../ui/segmented.tsx';
import { type DraftFailure, EMPTY_DRAFT, failureOf, planOf, type TaskDraft } from './draft.ts';
import { closeNewTask, type NewTaskStart, newTask } from './new-task-state.ts';
import { PlanText } from './plan-text.tsx';
import { TaskForm } from './task-form.tsx';
import '../ui/dialog.css';
import './new-task.css';

type Shape = 'form' | 'plan';

const SHAPES = [
  { value: 'form', title: 'Form' },
  { value: 'plan', title: 'Plan file', hint: 'What the form makes, to look at, change, and copy' },
] as const;

export function NewTaskDialog() {
  const start = useStore(newTask, (open) => open);
  return start === null ? null : <Dialog start={start} />;
}

function Dialog({ start }: { readonly start: NewTaskStart }) {
  const { refused } = start;
  const title = refused === undefined ? 'New task' : `${refused.fileName} was not submitted`;
  const [draft, setDraft] = useState<TaskDraft>(start.draft ?? EMPTY_DRAFT);
  const [shape, setShape] = useState<Shape>(refused === undefined ? 'form' : 'plan');
  const [plan, setPlan] = useState(refused?.text ?? '');
  const [failure, setFailure] = useState<DraftFailure | null>(
    refused === undefined ? null : { field: null, message: refused.reason },
  );
  const [isUnderWay, setIsUnderWay] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => form.current?.querySelector<HTMLElement>('.field')?.focus(), []);

  const showAs = (next: Shape) => {
    setFailure(null);
    if (next === 'plan') {
      const made = planOf(draft);
      if (!made.ok) {
        setFailure({ field: made.field ?? null, message: made.error.message });
        return;
      }
      setPlan(made.value);
    }
    setShape(next);
  };
  const submit = async () => {
    const made = shape === 'form' ? planOf(draft) : { ok: true as const, value: plan };
    if (!made.ok) {
      setFailure({ field: made.field ?? null, message: made.error.message });
      return;
    }
    setIsUnderWay(true);
    const answer = await call('tasks:submit', made.value, refused?.folder ?? null);
    setIsUnderWay(false);
    if (!answer.ok) {
      setFailure(shape === 'form' ? failureOf(answer.error.message) : { field: null, message: answer.error.message });
      return;
    }
    closeNewTask();
    goToRun(answer.value.runId);
  };

  return (
    <Modal label={title} className="new-task" onClose={closeNewTask}>
      <ModalHead title={title} onClose={closeNewTask} />
      <form
        ref={form}
        className="dialog-body"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!isUnderWay) void submit();
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) event.currentTarget.requestSubmit();
        }}
      >
        {refused === undefined ? (
          <Segmented label="Write it as" options={SHAPES} value={shape} onChange={showAs} />
        ) : null}
        {shape === 'form' ? (
          <>
            <TaskForm draft={draft} failure={failure} onChange={(change) => setDraft({ ...draft, ...change })} />
            <Failure message={failure?.field === null ? failure.message : null} />
          </>
        ) : (
          <>
            <Failure message={failure?.message ?? null} />
            <PlanText plan={plan} isFromForm={refused === undefined} onChange={setPlan} />
          </>
        )}
        <div className="dialog-actions">
          <span className="dialog-note dialog-keys">
            <kbd>Ctrl</kbd> <kbd>Enter</kbd> submits
          </span>
          <button type="button" className="button" onClick={closeNewTask}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={isUnderWay}>
            Submit
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Failure({ message }: { readonly message: string | null }) {
  return message === null ? null : (
    <p className="dialog-failure selectable" role="alert">
      {message}
    </p>
  );
}
