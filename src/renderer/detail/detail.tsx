import type { WorkerId } from '../../core/fleet/worker.ts';
export function Detail({
  workerId,
}: {
  readonly workerId: WorkerId;
  readonly isOnly: boolean;
  readonly onClose: () => void;
}) {
  return <aside className="detail">{workerId}</aside>;
}
