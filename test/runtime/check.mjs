import { runCases, runEntryCases } from './cases.mjs';

/**
 * Runs all cases and watches what the package does beside them.
 *
 * @param {string} place what the report calls it
 * @param {Record<'main' | 'png' | 'jpeg' | 'webp', () => Promise<object>>} load the entry points; where only `main` is given,
 * the others are not tried
 * @param {(pixbytes: object) => Promise<Record<string, string>>} [runLocal] cases that only this kind of runtime has, judged on the
 * spot: 'ok', or what is wrong
 * @returns {Promise<import('./compare.mjs').Report>}
 */
export async function check(place, { main, ...entries }, runLocal = async () => ({})) {
  const complaints = [];
  const before = watched();
  const restore = listen((method, line) => complaints.push(`console.${method}: ${line}`));
  try {
    const pixbytes = await main();
    const cases = await runCases(pixbytes);
    const loaded = {};
    for (const [format, load] of Object.entries(entries)) loaded[format] = await load();
    Object.assign(cases, await runEntryCases(pixbytes, loaded));
    const local = await runLocal(pixbytes);
    const known = new Set(before);
    const added = watched().filter((name) => !known.has(name));
    if (added.length > 0) complaints.push(`set ${added.join(', ')}`);
    return { place, cases, entries: Object.keys(entries), local, complaints };
  } finally {
    restore();
  }
}

/** Everything that a library could leave behind: globals and, in Node and its like, listeners of the process. */
function watched() {
  const { process } = globalThis;
  const listeners = process?.eventNames?.().map((name) => `a process listener of ${String(name)}`) ?? [];
  return [...Reflect.ownKeys(globalThis).map((key) => `globalThis.${String(key)}`), ...listeners];
}

function listen(tell) {
  const { console: spoken } = globalThis;
  const originals = ['log', 'info', 'warn', 'error', 'debug', 'trace'].map((method) => [
    method,
    spoken[method],
  ]);
  for (const [method] of originals) spoken[method] = (...args) => tell(method, args.map(String).join(' '));
  return () => Object.assign(spoken, Object.fromEntries(originals));
}
