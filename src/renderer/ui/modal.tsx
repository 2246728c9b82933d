/**
 * A dialog over the window. The native element traps the focus and makes the rest inert; the focus goes back to where
 * it was when the dialog closes.
 */
import { useEffect, useRef } from 'react';
import { useEscape } from './escape.ts';

interface Props {
  readonly label: string;
  readonly className: string;
  readonly onClose: () => void;
  /** Takes the focus when what had it is gone by then. */
  readonly nextFocus?: () => HTMLElement | null;
  readonly children: React.ReactNode;
}

export function Modal({ label, className, onClose, nextFocus, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const latestNextFocus = useRef(nextFocus);
  latestNextFocus.current = nextFocus;
  useEscape(true, onClose);
  useEffect(() => {
    const before = document.activeElement;
    const element = dialog.current;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before !== document.body && before.isConnected) before.focus();
      else latestNextFocus.current?.()?.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it too
    <dialog
      ref={dialog}
      className={`modal ${className}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      {children}
    </dialog>
  );
}
