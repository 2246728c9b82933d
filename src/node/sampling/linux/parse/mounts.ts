/**
 * `/proc/self/mounts`: which filesystems there are.
 * Format: fstab(5); blanks, tabs, newlines and backslashes in names are written as octal escapes.
 */
export interface Mount {
  readonly source: string;
  readonly mountPoint: string;
  readonly type: string;
  /** Another machine answers for it, which may take for ever. */
  readonly isRemote: boolean;
}

const REMOTE_TYPES = new Set([
  'nfs',
  'nfs4',
  'cifs',
  'smb3',
  'smbfs',
  'ceph',
  'glusterfs',
  'lustre',
  'gpfs',
  'beegfs',
  'afs',
  'ncpfs',
  'fuse.sshfs',
  'fuse.glusterfs',
  'fuse.ceph',
  'fuse.ceph-fuse',
  'fuse.s3fs',
  'fuse.rclone',
  'fuse.juicefs',
  'fuse.gcsfuse',
  '9p',
  'virtiofs',
]);

/** Filesystems with no block device below them in the mount table that hold data nevertheless. */
const LOCAL_TYPES_WITHOUT_DEVICE = new Set(['zfs', 'btrfs', 'bcachefs', 'fuse.mergerfs', 'fuse.zfs']);

/** Images that are always full and never written. */
const IMAGE_TYPES = new Set(['squashfs', 'erofs', 'iso9660', 'udf', 'cramfs']);

/**
 * Filesystems that hold data, each once: pseudo filesystems and images are left out, and of several mounts of one source
 * (bind mounts, subvolumes) the one with the shortest path stays. `/` is there whatever it is made of.
 */
export function parseMounts(text: string): readonly Mount[] {
  const bySource = new Map<string, Mount>();
  let root: Mount | null = null;
  for (const line of text.split('\n')) {
    const [source, mountPoint, type] = line.split(' ', 3).map(unescapeOctal);
    if (source === undefined || mountPoint === undefined || type === undefined) continue;
    const isRemote = REMOTE_TYPES.has(type);
    const mount = { source, mountPoint, type, isRemote };
    if (mountPoint === '/') root = mount;
    else if (isReal(source, type, isRemote)) keepShortest(bySource, mount);
  }
  if (root !== null) bySource.delete(root.source);
  const others = [...bySource.values()].sort((a, b) => (a.mountPoint < b.mountPoint ? -1 : 1));
  return root === null ? others : [root, ...others];
}

function isReal(source: string, type: string, isRemote: boolean): boolean {
  if (isRemote || LOCAL_TYPES_WITHOUT_DEVICE.has(type)) return true;
  return source.startsWith('/dev/') && !IMAGE_TYPES.has(type) && type !== 'devtmpfs';
}

function keepShortest(bySource: Map<string, Mount>, mount: Mount): void {
  const known = bySource.get(mount.source);
  if (known === undefined || mount.mountPoint.length < known.mountPoint.length) bySource.set(mount.source, mount);
}

function unescapeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const unescaped = bytes.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(unescaped, 'latin1').toString('utf8');
}
