/** Which agent a worker runs; where it is another one than the app's, the button that changes it. */
import { useState } from 'react';
import type { RemoteView, WorkerId } from '../../core/fleet/worker.ts';
import { call } from '../api.ts';
import { appInfo } from '../state/app-info.ts';
import { useStore } from '../state/store.ts';
import { agentWords } from './trust-words.ts';

interface Props {
  readonly workerId: WorkerId;
  readonly remote: RemoteView;
  readonly isConnected: boolean;
}

export function AgentUpdate({ workerId, remote, isConnected }: Props) {
  const appVersion = useStore(appInfo, (info) => info?.version ?? null);
  const [failure, setFailure] = useState<string | null>(null);
  const { agentVersion, isUpdating } = remote;
  const isOther = agentVersion !== null && appVersion !== null && agentVersion !== appVersion;
  const update = async () => {
    setFailure(null);
    const answer = await call('worker:update-agent', workerId);
    setFailure(answer.ok ? null : answer.error.message);
  };
  return (
    <>
      {agentWords(remote)}
      {isOther ? `; the app is ${appVersion} ` : null}
      {isUpdating ? <span role="status">being updated …</span> : null}
      {isOther && isConnected && !isUpdating ? (
        <button
          type="button"
          className="button small"
          title="Brings the app’s agent there. Tasks that run go on."
          onClick={() => void update()}
        >
          Update
        </button>
      ) : null}
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}
