/** Copies a text and says that it did. */
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';

const SHOWN_MS = 1_500;

interface Props {
  readonly text: string | (() => string);
  readonly label: string;
  /** What its place is there for. */
  readonly isMain?: boolean;
}

export function CopyButton({ text, label, isMain = false }: Props) {
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <button
      type="button"
      className={`button small copy-button ${isMain ? 'primary' : ''}`}
      aria-label={label}
      onClick={() => void copyText(typeof text === 'string' ? text : text()).then(setIsCopied)}
    >
      {isCopied ? <Check size={12} aria-hidden="true" /> : <Copy size={12} aria-hidden="true" />}
      <span aria-live="polite">{isCopied ? 'Copied' : 'Copy'}</span>
    </button>
  );
}

/**
 * Through the clipboard API where the app permits it, else through a selection: Labwatch denies its own window every
 * permission, and the API counts as one.
 */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'visually-hidden';
    const before = document.activeElement;
    // Behind an open dialog nothing can be selected.
    (before?.closest('dialog') ?? document.body).append(field);
    field.select();
    const isCopied = document.execCommand('copy');
    field.remove();
    if (before instanceof HTMLElement) before.focus();
    return isCopied;
  }
}
