/** The command palette: type, choose with the arrows, Enter. */
import { Search } from 'lucide-react';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { Modal } from '../ui/modal.tsx';
import { StateMark } from '../ui/state-mark.tsx';
import { allCommands, type Command, taskCommands } from './commands.ts';
import { fuzzyScore } from './fuzzy.ts';
import { closePalette } from './palette-state.ts';
import './palette.css';

const SHOWN = 60;
/** Letters scattered over a title are no answer beside a good one. */
const WORTH_SHOWING = 0.4;

export function Palette() {
  const [query, setQuery] = useState('');
  const [index, setIndex] = useState(0);
  const commands = useMemo(() => allCommands(Date.now()), []);
  const tasks = useTasks(query.trim());
  const found = useMemo(() => [...search(commands, query), ...tasks], [commands, query, tasks]);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const current = found[Math.min(index, found.length - 1)];

  // biome-ignore lint/correctness/useExhaustiveDependencies: the list scrolls when another command is the current one
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  const run = (command: Command | undefined) => {
    if (command === undefined) return;
    closePalette();
    // After the dialog has given the focus back, so that the command may take it.
    setTimeout(() => command.run(), 0);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const moves: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      setIndex((before) => Math.min(Math.max(0, Math.min(before, found.length - 1) + move), found.length - 1));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(current);
    }
  };

  return (
    <Modal label="Search and commands" className="palette" onClose={closePalette}>
      <div className="palette-field">
        <Search size={16} aria-hidden="true" />
        <input
          type="text"
          role="combobox"
          aria-label="Search workers, tasks, views, settings and actions"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={current === undefined ? undefined : `${id}-${current.id}`}
          aria-autocomplete="list"
          placeholder="Search workers, tasks, settings, actions …"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setIndex(0);
          }}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      {found.length === 0 ? (
        <p className="palette-empty">
          Nothing is called “{query}”. Try the name of a worker or a task, “theme”, “level” or “24 h”.
        </p>
      ) : (
        <div ref={list} id={`${id}-list`} role="listbox" aria-label="Commands" className="palette-list">
          {found.map((command) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field handles the keys
            // biome-ignore lint/a11y/useFocusableInteractive: the field keeps the focus and names the current option
            <div
              key={command.id}
              id={`${id}-${command.id}`}
              role="option"
              aria-selected={command === current}
              className="palette-item"
              onClick={() => run(command)}
            >
              {command.mark === undefined ? null : <StateMark mark={command.mark} size={9} />}
              <span className="palette-title">{command.title}</span>
              <span className="palette-note">{command.note}</span>
              <span className="palette-kind">{command.kind}</span>
            </div>
          ))}
        </div>
      )}
    </Modal>
  );
}

/** Shorter words are in every task. */
const LEAST_LETTERS = 2;
const TYPING_MS = 150;
const NO_TASKS: readonly Command[] = [];

function useTasks(query: string): readonly Command[] {
  const [tasks, setTasks] = useState(NO_TASKS);
  useEffect(() => {
    let isCurrent = true;
    setTasks(NO_TASKS);
    if (query.length < LEAST_LETTERS) return;
    const timer = setTimeout(async () => {
      const found = await taskCommands(query);
      if (isCurrent) setTasks(found);
    }, TYPING_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [query]);
  return tasks;
}

function search(commands: readonly Command[], query: string): readonly Command[] {
  if (query.trim() === '') return commands.slice(0, SHOWN);
  const scored = commands
    .map((command) => ({
      command,
      score: fuzzyScore(query, `${command.title} ${command.kind} ${command.words ?? ''}`),
    }))
    .filter((scored): scored is { command: Command; score: number } => scored.score !== null)
    .sort((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  return scored
    .filter(({ score }) => score >= best * WORTH_SHOWING)
    .slice(0, SHOWN)
    .map(({ command }) => command);
}
