/**
 * Keeps the window to its own pages: they come from `labwatch://app/`, a scheme that serves the built renderer's folder and
 * nothing else, and no page may navigate away, open windows, embed a webview or be granted a permission.
 */
import { extname, join, normalize, sep } from 'node:path';
import { app, protocol, session } from 'electron';

const SCHEME = 'labwatch';
export const PAGE_URL = `${SCHEME}://app/index.html`;

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE_HEADERS = { 'content-security-policy': CONTENT_SECURITY_POLICY, 'x-content-type-options': 'nosniff' };

/** Everything that Chromium could fetch beside our own scheme and data URLs. */
const FOREIGN_URLS = ['http', 'https', 'ws', 'wss', 'ftp', 'file'].map((scheme) => `${scheme}://*/*`);

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

/** net::ERR_FILE_NOT_FOUND (Chromium, net_error_list.h). */
const NOT_FOUND = -6;

/**
 * Serves files below `folder`; must run once the app is ready.
 *
 * By the older of Electron's two ways: `protocol.handle` loads the whole of fetch into this process and passes every byte
 * through it, at the moment when the first page is waited for (docs/decisions/0001-scheme.md).
 */
export function servePages(folder: string): void {
  protocol.registerFileProtocol(SCHEME, (request, answer) => {
    const page = pageAt(folder, request.url);
    if (page === null) answer({ error: NOT_FOUND });
    else answer({ ...page, headers: PAGE_HEADERS });
  });
}

/** The file that an address of our scheme means, or null where there is none to be given. */
function pageAt(folder: string, address: string): { readonly path: string; readonly mimeType: string } | null {
  const url = new URL(address);
  const path = normalize(join(folder, decodeURIComponent(url.pathname)));
  const mimeType = MIME_TYPES[extname(path)];
  return url.host !== 'app' || !path.startsWith(folder + sep) || mimeType === undefined ? null : { path, mimeType };
}

export function isOwnPage(url: string): boolean {
  return url === PAGE_URL || url.startsWith(`${PAGE_URL}#`);
}

/** Applies to every page that will ever exist in this process. */
export function lockDownPages(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-navigate', (event) => event.preventDefault());
    contents.on('will-redirect', (event) => event.preventDefault());
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
}

/** Refuses every permission and every request to another place than our own pages. Must run once the app is ready. */
export function lockDownSession(): void {
  const own = session.defaultSession;
  own.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  own.setPermissionCheckHandler(() => false);
  // Our own scheme is not in the filter: its requests need not ask this process twice.
  own.webRequest.onBeforeRequest({ urls: FOREIGN_URLS }, (_details, answer) => answer({ cancel: true }));
}
