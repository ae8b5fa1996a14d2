import type { SpawnWorker } from '../worker-link.js';
import { locate } from './locate.js';

/**
 * Workers of a page, or of another worker.
 *
 * @param script gives the address, as for `locate`, of a script that needs no other file and answers each `Request` with one `Reply` or
 * several. It is asked for when a worker is started: a bundle that is no module knows no address, and may never need one.
 */
export function spawnWebWorkers<Request, Reply>(script: () => URL): SpawnWorker<Request, Reply> {
  let address: { url: URL; start: string } | undefined;
  return () => {
    address ??= addressOf(script);
    const { url, start } = address;
    const worker = startWorker(url, start);
    const listeners: Array<(why: string, cause: unknown) => void> = [];
    let answered = false;
    let gone = false;
    // Nothing tells that a worker is gone, and one with an error that nobody caught stays: so it is ended, and gone as of then.
    const leave = (why: string, cause: unknown) => {
      worker.terminate();
      if (gone) return;
      gone = true;
      for (const listener of listeners) listener(why, cause);
    };
    worker.addEventListener('message', () => {
      answered = true;
    });
    worker.addEventListener('error', (event) => {
      // Or the page would report it once more, as its own.
      event.preventDefault();
      leave(event.message || (answered ? 'an error without a message' : loadFailure(url)), event);
    });
    // An answer that cannot be read is one that never comes.
    worker.addEventListener('messageerror', (event) => leave('its answer could not be read', event));
    return {
      post: (message, transfer) => worker.postMessage(message, [...transfer]),
      onReply: (listener) => {
        worker.addEventListener('message', ({ data }: MessageEvent<Reply>) => {
          if (!gone) listener(data);
        });
      },
      onGone: (listener) => {
        listeners.push(listener);
      },
      // It lives no longer than its page, and does not make that live longer.
      hold: () => {},
      end: async () => {
        worker.terminate();
        // In a turn of its own, as other runtimes tell it.
        await undefined;
        leave('it was ended', undefined);
      },
    };
  };
}

/** Where the script is, and what a browser starts it by: the same, or a blob that is kept as long as the page. */
function addressOf(script: () => URL): { url: URL; start: string } {
  let url: URL;
  try {
    url = locate(script());
  } catch (cause) {
    throw new Error(
      'where its script is cannot be told: bundle as an ES module, which has an address, with a copy of ' +
        'pixbytes/dist/pool-worker.web.js beside it',
      { cause },
    );
  }
  if (isOwn(url)) return { url, start: url.href };
  // A worker's script has to be of the page's origin, as a blob is; what that imports may be of any that allows it.
  const code = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  return { url, start: URL.createObjectURL(code) };
}

function startWorker(url: URL, start: string): Worker {
  try {
    return new Worker(start, { type: 'module' });
  } catch (cause) {
    throw new Error(loadFailure(url), { cause });
  }
}

const isOwn = (url: URL) => url.origin === globalThis.origin;

/** All that a browser tells of a script that cannot be loaded is that there was an error. */
function loadFailure(url: URL): string {
  const policy = isOwn(url) ? "'self'" : `blob: ${url.origin}`;
  return (
    `its script ${url.href} could not be loaded. It has to be there (a bundler that copies no files needs a copy of ` +
    'pixbytes/dist/pool-worker.web.js beside the bundle), be served as JavaScript, and be allowed by the page: by its ' +
    `Content-Security-Policy (worker-src ${policy}) and, where it has one, its Cross-Origin-Embedder-Policy`
  );
}
