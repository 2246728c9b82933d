/** Where other machines reach this Labwatch: read when somebody looks, followed while they do. */
import { useCallback, useEffect, useState } from 'react';
import type { ListenerView } from '../../core/fleet/listener.ts';
import type { Failure } from '../../core/result.ts';
import { call, on } from '../api.ts';
import { onVisibility } from './beat.ts';

export type ListenerState =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly failure: Failure }
  | { readonly status: 'ready'; readonly listener: ListenerView };

export function useListener(): { readonly state: ListenerState; readonly reload: () => void } {
  const [state, setState] = useState<ListenerState>({ status: 'loading' });
  const [asked, setAsked] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `asked` says when to read again
  useEffect(() => {
    let isCurrent = true;
    const load = async () => {
      const answer = await call('listener:get');
      if (!isCurrent) return;
      setState(answer.ok ? { status: 'ready', listener: answer.value } : { status: 'error', failure: answer.error });
    };
    void load();
    const stops = [
      on('listener:changed', (listener) => setState({ status: 'ready', listener })),
      // Nothing is sent to a hidden window.
      onVisibility((isVisible) => {
        if (isVisible) void load();
      }),
    ];
    return () => {
      isCurrent = false;
      for (const stop of stops) stop();
    };
  }, [asked]);
  const reload = useCallback(() => {
    setState({ status: 'loading' });
    setAsked((count) => count + 1);
  }, []);
  return { state, reload };
}
