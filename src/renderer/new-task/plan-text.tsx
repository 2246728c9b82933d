/** The plan as its file reads, to be changed and submitted as it stands. */
import { CopyButton } from '../ui/copy-button.tsx';

interface Props {
  readonly plan: string;
  readonly isFromForm: boolean;
  readonly onChange: (plan: string) => void;
}

export function PlanText({ plan, isFromForm, onChange }: Props) {
  return (
    <div className="plan-text">
      <div className="plan-head">
        <label htmlFor="plan-text">Plan, as JSON</label>
        <CopyButton text={plan} label="Copy the plan" />
      </div>
      <textarea
        id="plan-text"
        className="field mono"
        rows={16}
        spellCheck={false}
        value={plan}
        onChange={(event) => onChange(event.target.value)}
      />
      <p className="dialog-note">
        {isFromForm
          ? 'Submitted as it stands here. The form does not follow what you change here.'
          : 'Mend it here and submit it; the file itself stays as it is.'}
      </p>
    </div>
  );
}
