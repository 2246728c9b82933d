/** Empty, loading and error, written as help and set the same way in every view. */
import type { Failure } from '../../core/result.ts';

interface Props {
  readonly title: string;
  readonly children?: React.ReactNode;
  readonly action?: React.ReactNode;
}

export function EmptyState({ title, children, action }: Props) {
  return (
    <div className="view-state">
      <h2>{title}</h2>
      {children === undefined ? null : <p>{children}</p>}
      {action}
    </div>
  );
}

export function LoadingState({ what }: { readonly what: string }) {
  return (
    <div className="view-state" role="status">
      <p>Reading {what} …</p>
    </div>
  );
}

interface ErrorProps {
  readonly what: string;
  readonly failure: Failure;
  readonly onRetry: () => void;
}

export function ErrorState({ what, failure, onRetry }: ErrorProps) {
  return (
    <div className="view-state" role="alert">
      <h2>{what} could not be read</h2>
      <p>{failure.message}</p>
      <button type="button" className="button" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}
