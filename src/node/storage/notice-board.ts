/** The storage notices that hold now. */
import type { StorageNotice } from '../../core/storage-report.ts';

/** Which file a notice is about. */
export type NoticeSource = 'metrics' | 'fleet';

export interface NoticeBoard {
  current(): readonly StorageNotice[];
  /** Adds a notice; one of the same source and kind is replaced. */
  raise(source: NoticeSource, notice: StorageNotice): void;
  end(source: NoticeSource, kind: StorageNotice['kind']): void;
}

export function createNoticeBoard(onChange: (notices: readonly StorageNotice[]) => void): NoticeBoard {
  const raised = new Map<string, StorageNotice>();
  const current = (): readonly StorageNotice[] => [...raised.values()];
  return {
    current,
    raise(source, notice) {
      raised.set(`${source} ${notice.kind}`, notice);
      onChange(current());
    },
    end(source, kind) {
      if (raised.delete(`${source} ${kind}`)) onChange(current());
    },
  };
}
