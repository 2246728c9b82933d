/** The shape of a state; with the word beside it, colour is never the only sign. */
export type Mark = 'ok' | 'busy' | 'warning' | 'critical' | 'stale' | 'stopped' | 'unknown';

const SHAPES: Readonly<Record<Mark, React.ReactNode>> = {
  ok: <circle cx="5" cy="5" r="4.25" fill="currentColor" />,
  busy: (
    <>
      <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" strokeWidth="1.2" />
      <path d="M5 1a4 4 0 0 0 0 8z" fill="currentColor" />
    </>
  ),
  warning: <path d="M5 0.8 9.6 9.2H0.4z" fill="currentColor" />,
  critical: <rect x="0.75" y="0.75" width="8.5" height="8.5" fill="currentColor" />,
  stale: <circle cx="5" cy="5" r="4" fill="none" stroke="currentColor" strokeWidth="1.4" />,
  stopped: (
    <path d="M5 1a4 4 0 1 0 0 8a4 4 0 1 0 0 -8M2.2 7.8 7.8 2.2" fill="none" stroke="currentColor" strokeWidth="1.3" />
  ),
  unknown: (
    <path
      d="M3 3.4C3 2.2 3.9 1.3 5 1.3s2 .8 2 2c0 1.7-2 1.6-2 3.3M5 8.2v1"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
    />
  ),
};

export function StateMark({ mark, size = 10 }: { readonly mark: Mark; readonly size?: number }) {
  return (
    <svg className={`mark mark-${mark}`} width={size} height={size} viewBox="0 0 10 10" aria-hidden="true">
      {SHAPES[mark]}
    </svg>
  );
}
