/** One setting: its words, the control its kind asks for, and the sentence when a value does not fit. */
import { useEffect, useId, useState } from 'react';
import { parseSetting, SETTINGS, type SettingKey, type Settings } from '../../core/settings/settings.ts';
import { changeSetting } from '../state/settings.ts';
import { capital } from '../ui/capital.ts';
import { Segmented } from '../ui/segmented.tsx';
import { AddressField } from './address-field.tsx';

interface Props {
  readonly settingKey: SettingKey;
  readonly settings: Settings;
  /** What the value, or a number not yet applied, means. */
  readonly meaning?: (value: number) => string | null;
  readonly note?: string;
}

export function SettingRow({ settingKey, settings, meaning, note }: Props) {
  const definition = SETTINGS[settingKey];
  const value = settings[settingKey];
  const [failure, setFailure] = useState<string | null>(null);
  const id = useId();
  const change = async (next: unknown) => {
    const answer = await changeSetting(settingKey, next);
    // People know a setting by its title; its key is for the command line.
    setFailure(answer.ok ? null : answer.error.message.replace(settingKey, definition.title));
    return answer.ok;
  };
  return (
    <div className="setting" data-setting={settingKey}>
      <div className="setting-words">
        <p id={`${id}-title`} className="setting-title">
          {definition.title}
        </p>
        <p id={`${id}-description`} className="muted">
          {definition.description}
          {note === undefined ? '' : ` ${note}`}
        </p>
        {failure === null ? null : (
          <p id={`${id}-failure`} className="setting-failure" role="alert">
            {failure}
          </p>
        )}
      </div>
      <div className="setting-control">
        {definition.kind === 'choice' ? (
          <Segmented
            label={definition.title}
            options={definition.choices.map((choice) => ({ value: choice, title: capital(choice) }))}
            value={String(value)}
            onChange={(next) => void change(next)}
          />
        ) : definition.kind === 'switch' ? (
          <button
            type="button"
            role="switch"
            className="switch"
            aria-checked={value === true}
            aria-labelledby={`${id}-title`}
            aria-describedby={`${id}-description`}
            onClick={() => void change(value !== true)}
          >
            <span className="switch-knob" />
          </button>
        ) : definition.kind === 'address' ? (
          <AddressField
            address={String(value)}
            labelledBy={`${id}-title`}
            describedBy={`${id}-description`}
            onChange={(next) => void change(next)}
          />
        ) : (
          <NumberField
            value={Number(value)}
            unit={definition.unit}
            label={definition.title}
            describedBy={`${id}-description ${failure === null ? '' : `${id}-failure`}`}
            isInvalid={failure !== null}
            meaning={(drafted) => (parseSetting(settingKey, drafted).ok ? (meaning?.(drafted) ?? null) : null)}
            onCommit={change}
          />
        )}
      </div>
    </div>
  );
}

interface NumberFieldProps {
  readonly value: number;
  readonly unit: string;
  /** Its own, not the title's element: one that has scrolled out of sight names nothing. */
  readonly label: string;
  readonly describedBy: string;
  readonly isInvalid: boolean;
  readonly meaning: (value: number) => string | null;
  readonly onCommit: (text: string) => Promise<boolean>;
}

/** Applies on Enter and on leaving the field, not while typing: 4 on the way to 48 would delete two days of samples. */
function NumberField({ value, unit, label, describedBy, isInvalid, meaning, onCommit }: NumberFieldProps) {
  const [draft, setDraft] = useState(String(value));
  useEffect(() => setDraft(String(value)), [value]);
  const commit = () => {
    if (draft.trim() !== String(value) || isInvalid) void onCommit(draft);
  };
  const drafted = draft.trim() === '' ? Number.NaN : Number(draft);
  return (
    <div className="number-field">
      <span className="setting-meaning">{meaning(drafted) ?? ''}</span>
      <input
        className="field"
        type="text"
        inputMode="decimal"
        value={draft}
        aria-label={label}
        aria-describedby={describedBy.trim()}
        aria-invalid={isInvalid}
        onChange={(event) => setDraft(event.target.value)}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') {
            event.stopPropagation();
            setDraft(String(value));
            if (isInvalid) void onCommit(String(value));
          }
        }}
      />
      <span className="muted">{unit}</span>
    </div>
  );
}
