/** Steps from one schema to the next. Released ones never change; a new one gets the next ten. */
import type { WritableDatabase } from '../connection.ts';

export interface Migration {
  /** Becomes `user_version`. Rising by tens, so that a fix can be put between two. */
  readonly version: number;
  /** Statements run in one transaction together with the new `user_version`. */
  readonly sql: string;
}

export interface Schema {
  /** SQLite's `application_id`: tells our file from a foreign one. */
  readonly applicationId: number;
  readonly migrations: readonly Migration[];
}

export function latestVersion(schema: Schema): number {
  return schema.migrations.at(-1)?.version ?? 0;
}

/** Brings a database up to the newest schema, or to `upTo`; each step is whole or not at all. Throws SqliteError. */
export function migrate(database: WritableDatabase, schema: Schema, upTo = latestVersion(schema)): void {
  const present = database.pragma('user_version', { simple: true }) as number;
  for (const migration of schema.migrations) {
    if (migration.version <= present || migration.version > upTo) continue;
    database.transaction(() => {
      database.exec(migration.sql);
      database.pragma(`application_id = ${schema.applicationId}`);
      database.pragma(`user_version = ${migration.version}`);
    })();
  }
}
