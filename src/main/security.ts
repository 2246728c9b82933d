/**
 * Keeps the window to its own pages: they come from `labwatch://app/`, a scheme that serves the built renderer's folder and
 * nothing else, and no page may navigate away, open windows, embed a webview or be granted a permission.
 */
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { app, protocol, session } from 'electron';

const SCHEME = 'labwatch';
export const PAGE_URL = `${SCHEME}://app/index.html`;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
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

/** Everything that Chromium could fetch beside our own scheme and data URLs. */
const FOREIGN_URLS = ['http', 'https', 'ws', 'wss', 'ftp', 'file'].map((scheme) => `${scheme}://*/*`);

/** Must run before the app is ready. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, codeCache: true } },
  ]);
}

/** Serves files below `folder`; must run once the app is ready. */
export function servePages(folder: string): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const path = normalize(join(folder, decodeURIComponent(url.pathname)));
    const contentType = CONTENT_TYPES[extname(path)];
    if (url.host !== 'app' || !path.startsWith(folder + sep) || contentType === undefined) return refused();
    const body = await readFile(path).catch(() => null);
    if (body === null) return refused();
    return new Response(new Uint8Array(body), {
      headers: {
        'content-type': contentType,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
      },
    });
  });
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

function refused(): Response {
  return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain' } });
}
