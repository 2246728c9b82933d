/** The fields of one task. What most tasks need comes first; the rest is folded away until it is used. */
import { ChevronRight } from 'lucide-react';
import { useEffect, useId, useRef } from 'react';
import type { DraftFailure, DraftField, TaskDraft } from './draft.ts';

interface Props {
  readonly draft: TaskDraft;
  readonly failure: DraftFailure | null;
  readonly onChange: (change: Partial<TaskDraft>) => void;
}

const FOLDED: readonly DraftField[] = ['gpuModel', 'capabilities', 'labels', 'environment', 'stdin'];

export function TaskForm({ draft, failure, onChange }: Props) {
  const form = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (failure?.field) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [failure]);
  const isUsed = FOLDED.some((field) => draft[field] !== '') || FOLDED.some((field) => field === failure?.field);
  const kept = Object.keys(draft.more);
  const field = (name: DraftField, title: string, hint: string, part: Partial<FieldProps> = {}) => (
    <Field
      title={title}
      hint={hint}
      value={draft[name]}
      failure={failure?.field === name ? failure.message : null}
      onChange={(value) => onChange({ [name]: value })}
      {...part}
    />
  );
  return (
    <div ref={form} className="task-form">
      {field('name', 'Name', '', { isWide: true, placeholder: 'like unit' })}
      {field(
        'command',
        'Command',
        draft.isShell ? 'Given to /bin/sh -c as it stands.' : 'Quotes keep words together.',
        {
          isWide: true,
          isCode: true,
          placeholder: draft.isShell ? 'like make test | tee log.txt' : 'like pytest -q tests/unit',
          rows: draft.isShell ? 3 : 1,
        },
      )}
      <label className="check-field">
        <input
          type="checkbox"
          checked={draft.isShell}
          onChange={(event) => onChange({ isShell: event.target.checked })}
        />
        Through the shell: pipes, variables, several lines
      </label>
      {field('cwd', 'Folder', 'An absolute path on the worker.', {
        isWide: true,
        isCode: true,
        placeholder: 'a fresh one for each attempt',
      })}
      <fieldset className="form-row">
        <legend>Needs</legend>
        {field('cores', 'Cores', '', { placeholder: '1' })}
        {field('memory', 'Memory', '', { placeholder: 'like 2GiB' })}
        {field('gpus', 'GPUs', '', { placeholder: '0', description: 'A whole number, or a part of one such as 0.5.' })}
        {field('gpuMemory', 'GPU memory', '', { placeholder: 'like 8GiB', description: 'On each GPU.' })}
      </fieldset>
      <fieldset className="form-row">
        <legend>Terms</legend>
        {field('priority', 'Priority', '', { placeholder: '50', description: '0 to 100, higher first.' })}
        {field('timeoutSeconds', 'Seconds at most', '', { placeholder: 'no limit' })}
        {field('retries', 'Retries', '', { placeholder: '0', description: 'After it failed or took too long.' })}
      </fieldset>
      <details className="dialog-fold" open={isUsed || undefined}>
        <summary>
          <ChevronRight size={14} aria-hidden="true" /> GPU model, capabilities, labels, environment, input
        </summary>
        <div className="task-form">
          {field('gpuModel', 'GPU model', 'A part of its name.', { isWide: true, placeholder: 'like 4090' })}
          {field('capabilities', 'Capabilities', 'With commas between several.', {
            isWide: true,
            isCode: true,
            placeholder: 'like gpu.compute>=8.6, container.docker',
          })}
          {field('labels', 'Labels', '', { isWide: true, isCode: true, placeholder: 'like rack=b' })}
          {field('environment', 'Environment', 'KEY=value, one a line.', { isWide: true, isCode: true, rows: 3 })}
          {field('stdin', 'Input', 'What it reads from its standard input.', { isWide: true, isCode: true, rows: 3 })}
        </div>
      </details>
      {kept.length === 0 ? null : (
        <p className="dialog-note">Kept from the task it was cloned from, see Plan file: {kept.join(', ')}.</p>
      )}
    </div>
  );
}

interface FieldProps {
  readonly title: string;
  readonly hint: string;
  readonly value: string;
  readonly failure: string | null;
  readonly placeholder?: string;
  /** For the pointer's hover and for screen readers, where a hint has no room. */
  readonly description?: string;
  readonly isWide?: boolean;
  readonly isCode?: boolean;
  readonly rows?: number;
  readonly onChange: (value: string) => void;
}

function Field(props: FieldProps) {
  const { title, hint, value, failure, placeholder, description, isWide = false, isCode = false, rows = 1 } = props;
  const id = useId();
  const note = failure ?? (hint === '' ? description : hint);
  const shared = {
    id,
    className: `field ${isCode ? 'mono' : ''}`,
    value,
    placeholder,
    title: description,
    spellCheck: false,
    autoComplete: 'off',
    'aria-invalid': failure !== null,
    'aria-describedby': note === undefined ? undefined : `${id}-note`,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => props.onChange(event.target.value),
  };
  return (
    <div className="form-field" data-wide={isWide}>
      <label htmlFor={id}>{title}</label>
      {rows > 1 ? <textarea {...shared} rows={rows} /> : <input {...shared} type="text" />}
      {note === undefined ? null : (
        <p
          id={`${id}-note`}
          className={failure !== null ? 'field-failure' : hint === '' ? 'visually-hidden' : 'dialog-note'}
          role={failure === null ? undefined : 'alert'}
        >
          {note}
        </p>
      )}
    </div>
  );
}
