import { readFile } from 'node:fs/promises';
import { sendContent, type Exchange } from './exchange.ts';

const page = new URL('../page/', import.meta.url);
const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};
const headers = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'self'; img-src 'self' https: data:; style-src 'self'; frame-ancestors 'none'",
};

/** Serves the page and its modules as they lie in `page/`. False for any other path. */
export async function pageRoute({ url, response }: Exchange): Promise<boolean> {
  const isPage = url.pathname === '/' || url.pathname.startsWith('/archives/');
  const name = isPage ? 'index.html' : /^\/page\/((?:[a-z-]+\/)?[a-z-]+\.(?:js|css|svg))$/.exec(url.pathname)?.[1];
  if (name === undefined) return false;
  try {
    sendContent(
      response,
      types[name.split('.').at(-1) ?? ''] ?? 'text/plain',
      await readFile(new URL(name, page)),
      headers,
    );
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
