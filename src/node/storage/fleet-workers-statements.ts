/** The SQL of `fleet-workers.ts`, prepared once, and its rows as the engine knows them. */
import type { DialPlace } from '../../core/fleet/dial-place.ts';
import { workerId } from '../../core/fleet/worker.ts';
import { LEVELS, type Level } from '../../core/metrics/level.ts';
import type { Admission } from '../../core/scheduling/place.ts';
import { DEFAULT_SETTINGS } from '../../core/settings/settings.ts';
import type { EnrolledWorker, Invitation } from '../../engine/ports.ts';
import type { ReadableDatabase, WritableDatabase } from './connection.ts';

export interface WorkerRow {
  readonly worker_id: string;
  readonly name: string;
  readonly is_local: number;
  readonly admission: Admission;
  /** Null for the local worker, as are all below. */
  readonly public_key: string | null;
  readonly paired_at_ms: number;
  readonly level: string;
  readonly seen_at_ms: number;
  readonly address: string;
  readonly agent_version: string;
  readonly platform: string;
  readonly runs_tasks: number;
  /** Null for one that dials. */
  readonly dial_addresses: string | null;
  readonly dial_port: number | null;
}

export interface InvitationRow {
  readonly invitation_id: string;
  readonly secret: string;
  readonly expires_at_ms: number;
  readonly used_at_ms: number | null;
  readonly used_by_key: string | null;
}

const REMOTES = 'public_key, paired_at_ms, level, seen_at_ms, address, agent_version, platform, runs_tasks';
const DIALLED = 'd.addresses AS dial_addresses, d.port AS dial_port';

export function prepareWorkerReads(connection: ReadableDatabase) {
  // A file that an older Labwatch wrote and that cannot be migrated now, because its folder may only be read, has less.
  const isThere = (sql: string): boolean => connection.prepare(sql).get() !== undefined;
  const hasRemotes = isThere("SELECT 1 FROM sqlite_schema WHERE name = 'remote_workers'");
  const hasAdmission = isThere("SELECT 1 FROM pragma_table_info('workers') WHERE name = 'admission'");
  const hasDialled = isThere("SELECT 1 FROM sqlite_schema WHERE name = 'dialled_workers'");
  const workers = `SELECT w.worker_id, name, is_local, ${hasAdmission ? 'admission' : "'open' AS admission"},
    ${hasRemotes ? REMOTES : 'NULL AS public_key'}, ${hasDialled ? DIALLED : 'NULL AS dial_addresses'}
    FROM workers w ${hasRemotes ? 'LEFT JOIN remote_workers r USING (worker_id)' : ''}
    ${hasDialled ? 'LEFT JOIN dialled_workers d USING (worker_id)' : ''}`;
  const onRemotes = <Params extends unknown[], Row>(sql: string) =>
    hasRemotes ? connection.prepare<Params, Row>(sql) : null;
  return {
    all: connection.prepare<[], WorkerRow>(`${workers} ORDER BY is_local DESC, enrolled_at_ms, w.worker_id`),
    byId: connection.prepare<[string], WorkerRow>(`${workers} WHERE w.worker_id = ?`),
    byNameOrId: connection.prepare<[string, string, string], unknown>(
      'SELECT 1 FROM workers WHERE (name = ? OR worker_id = ?) AND worker_id <> ?',
    ),
    byKey: onRemotes<[string], WorkerRow>(`${workers} WHERE public_key = ?`),
    invitation: onRemotes<[string], InvitationRow>('SELECT * FROM invitations WHERE invitation_id = ?'),
    openInvitation: onRemotes<[number], unknown>(
      'SELECT 1 FROM invitations WHERE used_at_ms IS NULL AND expires_at_ms > ?',
    ),
    removedKey: onRemotes<[string], unknown>('SELECT 1 FROM removed_workers WHERE public_key = ?'),
  };
}

export function prepareWorkerWrites(connection: WritableDatabase) {
  return {
    insertWorker: connection.prepare(
      'INSERT INTO workers (worker_id, name, is_local, enrolled_at_ms) VALUES (?, ?, ?, ?)',
    ),
    insertLocal: connection.prepare(
      'INSERT OR IGNORE INTO workers (worker_id, name, is_local, enrolled_at_ms) VALUES (?, ?, 1, ?)',
    ),
    insertRemote: connection.prepare(
      `INSERT INTO remote_workers
         (worker_id, public_key, paired_at_ms, level, seen_at_ms, address, agent_version, platform, runs_tasks)
       VALUES ($workerId, $publicKey, $nowMs, $level, $atMs, $address, $agentVersion, $platform, $runsTasks)`,
    ),
    pairAgain: connection.prepare(
      `UPDATE remote_workers SET paired_at_ms = $nowMs, seen_at_ms = $atMs, address = $address,
         agent_version = $agentVersion, platform = $platform, runs_tasks = $runsTasks WHERE worker_id = $workerId`,
    ),
    upsertDialled: connection.prepare(
      'INSERT OR REPLACE INTO dialled_workers (worker_id, addresses, port) VALUES (?, ?, ?)',
    ),
    deleteDialled: connection.prepare('DELETE FROM dialled_workers WHERE worker_id = ?'),
    saveLevel: connection.prepare('UPDATE remote_workers SET level = ? WHERE worker_id = ?'),
    saveLastSeen: connection.prepare(
      `UPDATE remote_workers SET seen_at_ms = $atMs, address = $address, agent_version = $agentVersion,
         platform = $platform, runs_tasks = $runsTasks WHERE worker_id = $workerId`,
    ),
    saveAdmission: connection.prepare('UPDATE workers SET admission = ? WHERE worker_id = ?'),
    rename: connection.prepare('UPDATE workers SET name = ? WHERE worker_id = ?'),
    deleteWorker: connection.prepare('DELETE FROM workers WHERE worker_id = ?'),
    insertRemoved: connection.prepare(
      'INSERT OR REPLACE INTO removed_workers (public_key, worker_id, name, removed_at_ms) VALUES (?, ?, ?, ?)',
    ),
    insertInvitation: connection.prepare(
      'INSERT OR REPLACE INTO invitations (invitation_id, secret, expires_at_ms) VALUES (?, ?, ?)',
    ),
    useInvitation: connection.prepare(
      'UPDATE invitations SET used_at_ms = ?, used_by_key = ? WHERE invitation_id = ? AND used_at_ms IS NULL',
    ),
    forgetInvitations: connection.prepare('DELETE FROM invitations WHERE expires_at_ms < ?'),
  };
}

export function workerOf(row: WorkerRow): EnrolledWorker {
  const { name, admission } = row;
  const identity = { workerId: workerId(row.worker_id), name, isLocal: row.is_local === 1, admission };
  if (row.public_key === null) return { ...identity, remote: null };
  const { seen_at_ms: atMs, address, agent_version: agentVersion, platform } = row;
  return {
    ...identity,
    remote: {
      publicKey: row.public_key,
      pairedAtMs: row.paired_at_ms,
      level: isLevel(row.level) ? row.level : DEFAULT_SETTINGS.level,
      lastSeen: { atMs, address, agentVersion, platform, runsTasks: row.runs_tasks === 1 },
      dialledAt: dialPlaceOf(row),
    },
  };
}

function dialPlaceOf({ dial_addresses: addresses, dial_port: port }: WorkerRow): DialPlace | null {
  return addresses === null || port === null ? null : { addresses: JSON.parse(addresses), port };
}

export function invitationOf(row: InvitationRow): Invitation {
  const { invitation_id: invitationId, secret, expires_at_ms: expiresAtMs, used_at_ms: usedAtMs } = row;
  return { invitationId, secret, expiresAtMs, usedAtMs };
}

function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}
