// A process of its own, for it needs --expose-gc: encodes, keeps the files, and prints what of the caller's is still held then.

import { encode } from '../../dist/index.node.js';

const BYTES = { gray8: 1, rgb8: 3, rgba8: 4, argb8: 4, rgba16: 8 };
const OPTIONS = [
  { effort: 'fast' },
  { effort: 'balanced' },
  { progressive: true },
  { effort: 'smallest' },
  // Fails: there is nothing to keep either.
  { limits: { maxMemoryBytes: 1000 } },
];

const kept = [];
const witnesses = [];
const finalized = new Set();
const registry = new FinalizationRegistry((name) => finalized.add(name));

/** In a function of its own, so that no variable here keeps what it made. */
async function callOnce(pixelFormat, options) {
  const width = 300;
  const height = 200;
  const memory = new ArrayBuffer(width * height * BYTES[pixelFormat]);
  const data = new Uint8Array(memory).map((_, i) => i * 7);
  const source = { data, width, height, pixelFormat };
  const given = { ...options, background: [1, 2, 3] };
  const objects = { source, data, buffer: data.buffer, options: given };
  for (const [what, object] of Object.entries(objects)) {
    const name = `${what} of ${pixelFormat} ${JSON.stringify(options)}`;
    witnesses.push({ name, reference: new WeakRef(object) });
    registry.register(object, name);
  }
  kept.push(await encode(source, 'jpeg', given).catch((error) => error.code));
}

for (const pixelFormat of Object.keys(BYTES)) {
  for (const options of OPTIONS) await callOnce(pixelFormat, options);
}
// What is kept has to show.
const control = new Uint8Array(1000);
kept.push(control);
witnesses.push({ name: 'control', reference: new WeakRef(control) });
registry.register(control, 'control');

// A reference that was looked at lives until the end of the job; finalizers run in later ones.
for (let i = 0; i < 5; i++) {
  await new Promise((resolve) => setTimeout(resolve, 10));
  globalThis.gc();
}
await new Promise((resolve) => setTimeout(resolve, 10));

const held = witnesses.filter(({ reference }) => reference.deref() !== undefined).map(({ name }) => name);
const files = kept.filter((result) => result instanceof Uint8Array).length;
const failures = kept.filter((result) => result === 'LIMIT_EXCEEDED').length;
process.stdout.write(
  JSON.stringify({ held, witnesses: witnesses.length, finalized: finalized.size, files, failures }),
);
