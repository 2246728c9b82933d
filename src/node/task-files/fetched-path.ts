/** Names that a worker gives its files, checked before anything here is named so: they come from another machine. */
import { fail, ok, type Result } from '../../core/result.ts';

/** Longest name on every common file system, bytes of UTF-8. */
const NAME_MAX_BYTES = 255;

/** Names that Windows gives to devices, with any ending; characters that mean something else there. */
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in names
const WINDOWS_REFUSES = /[<>:"|?*\\\u0000-\u001f]|[. ]$/;

/**
 * The folders and the name in `path`, `/` between them, or the sentence why a file cannot be called so: nothing that leaves
 * its folder, names nothing, or means something else to this system.
 */
export function fetchedPath(path: string, platform: NodeJS.Platform): Result<readonly string[]> {
  const names = path.split('/');
  const isUnfit = names.some(
    (name) =>
      name === '' ||
      name === '.' ||
      name === '..' ||
      name.includes('\0') ||
      !name.isWellFormed() ||
      (platform === 'win32' && (WINDOWS_REFUSES.test(name) || WINDOWS_DEVICE.test(name))),
  );
  if (isUnfit) return fail('invalid-argument', `A file called ${JSON.stringify(path)} cannot be kept here.`);
  if (names.some((name) => new TextEncoder().encode(name).length > NAME_MAX_BYTES)) {
    return fail('invalid-argument', `A file called ${JSON.stringify(path)} cannot be kept here: its name is too long.`);
  }
  return ok(names);
}
