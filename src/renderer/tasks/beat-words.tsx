/** A text that changes with time alone: written once a beat, without rendering what stands around it. */
import { useEffect, useRef } from 'react';
import { onBeat } from '../state/beat.ts';

interface Props {
  readonly className?: string;
  /** Must be the same function while it says the same. */
  readonly words: (nowMs: number) => string;
}

export function BeatWords({ className, words }: Props) {
  const element = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const paint = (nowMs: number) => {
      const text = words(nowMs);
      if (element.current !== null && element.current.textContent !== text) element.current.textContent = text;
    };
    paint(Date.now());
    return onBeat(paint);
  }, [words]);
  return <span ref={element} className={className} />;
}
