/** A command to take to a terminal: whole, wrapped, and copied by one press. */
import { CopyButton } from './copy-button.tsx';
import './command-line.css';

interface Props {
  readonly command: string;
  /** What the button says to those who cannot see the command beside it. */
  readonly label: string;
  readonly isMain?: boolean;
}

export function CommandLine({ command, label, isMain = false }: Props) {
  return (
    <div className="command-line">
      <code className="selectable">{command}</code>
      <CopyButton text={command} label={label} isMain={isMain} />
    </div>
  );
}
