/** Lies over the window while files are held over it. */
import { FileInput } from 'lucide-react';
import './plan-drop.css';

export function PlanDrop() {
  return (
    <div className="plan-drop" role="status">
      <div className="plan-drop-card">
        <FileInput size={22} aria-hidden="true" />
        <p className="plan-drop-title">Drop to submit</p>
        <p className="muted">The tasks of the plan file start as soon as a worker has room.</p>
      </div>
    </div>
  );
}
