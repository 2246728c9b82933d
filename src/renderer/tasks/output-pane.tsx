/** What an attempt wrote: its end, growing while it runs, and as much before it as one asks for. Text only. */
import { ArrowDownToLine } from 'lucide-react';
import { memo, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatBytes } from '../../core/metrics/format.ts';
import type { AttemptId } from '../../core/tasks/task.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { useOutput } from './output-follower.ts';
import { type OutputBlock, type OutputTail, startText, textOf } from './output-tail.ts';
import { outputText } from './output-text.ts';

interface Props {
  readonly attemptId: AttemptId;
  /** Written so far, as far as pulses and reports tell. */
  readonly writtenBytes: number;
  /** The oldest, which the worker did not keep. */
  readonly droppedBytes: number;
  readonly isOver: boolean;
  /** Nothing was heard of its end. */
  readonly isLost: boolean;
}

/** So near to its end counts as at its end. */
const END_PIXELS = 24;

export function OutputPane({ attemptId, writtenBytes, droppedBytes, isOver, isLost }: Props) {
  const { tail, failure, isEarlierUnderWay, loadEarlier, retry } = useOutput(attemptId, writtenBytes, isOver);
  const { scroller, isAtEnd, onScroll, toEnd } = useFollowing(tail);
  const isEmpty = tail !== null && tail.totalBytes === 0;
  return (
    <section className="output" aria-label="Output">
      <header className="section-head">
        <h2>Output</h2>
        <span className="muted">{tail === null || isEmpty ? '' : formatBytes(tail.totalBytes)}</span>
        {tail === null || isEmpty ? null : <CopyButton text={() => textOf(tail)} label="Copy the output shown" />}
      </header>
      {failure === null ? null : (
        <p className="detail-failure" role="alert">
          {failure}{' '}
          <button type="button" className="link" onClick={retry}>
            Try again
          </button>
        </p>
      )}
      {droppedBytes > 0 ? (
        <p className="detail-note">Its first {formatBytes(droppedBytes)} were not kept: it wrote more than is kept.</p>
      ) : null}
      {tail === null ? (
        failure === null ? (
          <p className="detail-note">Reading what it wrote …</p>
        ) : null
      ) : isEmpty ? (
        <p className="detail-note">
          {isLost ? 'What it wrote was not brought here.' : isOver ? 'It wrote nothing.' : 'Nothing written yet.'}
        </p>
      ) : (
        <div className="output-frame">
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
          <section ref={scroller} className="output-scroll" tabIndex={0} aria-label="Text" onScroll={onScroll}>
            {tail.fromOffset > droppedBytes ? (
              <button type="button" className="link output-earlier" disabled={isEarlierUnderWay} onClick={loadEarlier}>
                {isEarlierUnderWay ? 'Loading …' : 'Load earlier'}
              </button>
            ) : null}
            <pre className="selectable">
              {startText(tail.start)}
              {tail.blocks.map((block) => (
                <Block key={block.fromOffset} block={block} />
              ))}
              {outputText(tail.rest)}
            </pre>
          </section>
          {isAtEnd ? null : (
            <button type="button" className="button small output-end" onClick={toEnd}>
              <ArrowDownToLine size={12} aria-hidden="true" /> {isOver ? 'Jump to end' : 'Follow'}
            </button>
          )}
        </div>
      )}
    </section>
  );
}

const Block = memo(
  function Block({ block }: { readonly block: OutputBlock }) {
    return <span>{block.text}</span>;
  },
  (before, after) => before.block.toOffset === after.block.toOffset,
);

/** Keeps the end in sight until a person scrolls away from it. */
function useFollowing(tail: OutputTail | null) {
  const scroller = useRef<HTMLElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);
  const toEnd = () => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
    setIsAtEnd(true);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each growth moves the end
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element !== null && isAtEnd) element.scrollTop = element.scrollHeight;
  }, [tail?.toOffset, isAtEnd]);
  // Earlier lines push down what one reads, which must stay where it was.
  const height = useRef<{ readonly fromOffset: number; readonly scrollHeight: number } | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (element === null || tail === null) return;
    height.current = { fromOffset: tail.fromOffset, scrollHeight: element.scrollHeight };
  });
  useLayoutEffect(() => {
    const element = scroller.current;
    const before = height.current;
    if (element === null || before === null || tail === null || tail.fromOffset >= before.fromOffset) return;
    element.scrollTop += element.scrollHeight - before.scrollHeight;
  }, [tail]);
  const onScroll = () => {
    const element = scroller.current;
    if (element === null) return;
    setIsAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < END_PIXELS);
  };
  return { scroller, isAtEnd, onScroll, toEnd };
}
