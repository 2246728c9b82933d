/** Why there: sub-scores of the worker that was chosen, the next best beside it, and how many each filter kept out. */
import type { WorkerId } from '../../core/fleet/worker.ts';
import { formatCount } from '../../core/metrics/format.ts';
import type { PlacementExplanation, ScoredWorker } from '../../core/scheduling/explanation.ts';
import type { ScoreName } from '../../core/scheduling/score-names.ts';
import { WorkerLink } from '../tasks/worker-link.tsx';
import { unturned } from '../ui/unturned.ts';
import { behindWords, filterWords, scoreWords, unlistedWords } from './placement-words.ts';

interface Props {
  readonly workerId: WorkerId;
  /** The sentence that every attempt has. */
  readonly placement: string;
  /** Null: placed before explanations were kept. */
  readonly explanation: PlacementExplanation | null;
}

export function PlacementReasons({ workerId, placement, explanation }: Props) {
  return (
    <section aria-label="Why there">
      <header className="section-head">
        <h2>
          Why <WorkerLink workerId={workerId} gone={unturned(explanation?.chosen.name ?? 'there')} />
        </h2>
      </header>
      {explanation === null ? null : <Scores explanation={explanation} />}
      <p className="placement-sentence selectable">{unturned(placement)}</p>
      {explanation?.isLastResort ? (
        <p className="detail-note">
          Earlier attempts ended badly on every worker that could take it: it had to try again.
        </p>
      ) : null}
      {explanation === null ? null : <Considered explanation={explanation} />}
    </section>
  );
}

function Scores({ explanation }: { readonly explanation: PlacementExplanation }) {
  const { chosen, counted, profile } = explanation;
  return (
    <dl className="scores">
      {counted.map((name) => (
        <Score key={name} name={name} explanation={explanation} />
      ))}
      <div className="score-total">
        <dt>score, {profile}</dt>
        <dd>{scoreWords(chosen.total)}</dd>
      </div>
    </dl>
  );
}

function Score({ name, explanation }: { readonly name: ScoreName; readonly explanation: PlacementExplanation }) {
  const known = explanation.chosen.scores[name];
  const score = known ?? explanation.assumed[name] ?? 0;
  const note = known === null ? 'Not known of this worker: the mean of the others was counted.' : undefined;
  return (
    <div data-assumed={known === null} title={note}>
      <dt>{name}</dt>
      <dd className="score-bar" aria-hidden="true">
        <span style={{ width: `${Math.min(1, Math.max(0, score)) * 100}%` }} />
      </dd>
      <dd>
        {known === null ? '≈ ' : ''}
        {scoreWords(score)}
        {note === undefined ? null : <span className="visually-hidden"> {note}</span>}
      </dd>
    </div>
  );
}

function Considered({ explanation }: { readonly explanation: PlacementExplanation }) {
  const { chosen, others, rejected } = explanation;
  const unlisted = unlistedWords(explanation);
  if (others.length === 0 && rejected.length === 0) return null;
  return (
    <>
      <header className="section-head">
        <h2>Also considered</h2>
      </header>
      <table className="considered selectable">
        <caption className="visually-hidden">Workers that were considered, with their scores</caption>
        <tbody>
          <ConsideredRow worker={chosen} note="chosen" />
          {others.map((worker) => (
            <ConsideredRow key={worker.workerId} worker={worker} note={behindWords(explanation, worker) ?? ''} />
          ))}
          {unlisted === null ? null : (
            <tr>
              <td colSpan={3} className="considered-more muted">
                {unlisted}
              </td>
            </tr>
          )}
          {rejected.map(({ filter, count }) => (
            <tr key={filter} className="considered-out">
              <th scope="row">
                {formatCount(count)} {count === 1 ? 'worker' : 'workers'}
              </th>
              <td>{filterWords(filter, count)}</td>
              <td>–</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function ConsideredRow({ worker, note }: { readonly worker: ScoredWorker; readonly note: string }) {
  return (
    <tr>
      <th scope="row">{unturned(worker.name)}</th>
      <td className="muted">{note}</td>
      <td>{scoreWords(worker.total)}</td>
    </tr>
  );
}
