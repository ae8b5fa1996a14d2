// Sends real requests to the example of a Cloudflare Worker, bundled by wrangler and run in workerd. The files it answers with are judged by
// sharp. The argument is the project that has the package installed and the example in it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import sharp from 'sharp';
import { bundleWorker, startWorker } from '../workerd/miniflare.mjs';

const [project] = process.argv.slice(2);
const worker = startWorker(bundleWorker(join(project, 'cloudflare-worker/wrangler.jsonc')));
const ask = (path, init) => worker.dispatchFetch(`http://localhost${path}`, init);

async function pixels(response, format) {
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('Content-Type'), `image/${format}`);
  const file = new Uint8Array(await response.arrayBuffer());
  assert.equal((await sharp(file).metadata()).format, format);
  const { data, info } = await sharp(file).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

const gradient = Buffer.alloc(120 * 80 * 3);
for (let i = 0; i < 120 * 80; i++) gradient.set([i % 120, (i / 120) * 3, 128], i * 3);
const upload = sharp(gradient, { raw: { width: 120, height: 80, channels: 3 } });

const cases = {
  'avatar as PNG': async () => {
    const { data, width, height } = await pixels(await ask('/avatar?seed=ada'), 'png');
    assert.deepEqual([width, height], [240, 240]);
    assert.ok(data.includes(240) && new Set(data).size > 2, 'one colour only');
    for (let x = 0; x < 120; x++) assert.equal(data[x * 4], data[(239 - x) * 4], 'not symmetric');
  },
  'avatar as WebP, the same pixels': async () => {
    const png = await pixels(await ask('/avatar?seed=bob'), 'png');
    const response = await ask('/avatar?seed=bob', { headers: { Accept: 'image/avif,image/webp,*/*' } });
    assert.equal(response.headers.get('Vary'), 'Accept');
    assert.deepEqual(await pixels(response, 'webp'), png);
  },
  'another seed, another avatar': async () => {
    const [ada, bob] = [await ask('/avatar?seed=ada'), await ask('/avatar?seed=bob')];
    assert.notDeepEqual(await ada.arrayBuffer(), await bob.arrayBuffer());
  },
  'uploads become WebP': async () => {
    for (const format of ['png', 'jpeg', 'webp']) {
      const body = await upload.clone().toFormat(format).toBuffer();
      const { data, width, height } = await pixels(
        await ask('/?quality=90', { method: 'POST', body }),
        'webp',
      );
      assert.deepEqual([width, height], [120, 80]);
      const worst = Math.max(
        ...gradient.map((value, i) => Math.abs(value - data[Math.floor(i / 3) * 4 + (i % 3)])),
      );
      assert.ok(worst < 24, `${format}: off by ${worst}`);
    }
  },
  'what is no image is refused': async () => {
    const response = await ask('/', { method: 'POST', body: 'hello' });
    assert.equal(response.status, 415);
    assert.match(await response.text(), /^UNKNOWN_FORMAT: /);
  },
  'what is too large is refused': async () => {
    const blank = sharp({ create: { width: 3000, height: 2000, channels: 3, background: 'red' } });
    const response = await ask('/', { method: 'POST', body: await blank.png().toBuffer() });
    assert.equal(response.status, 413);
  },
  'a wrong quality is refused': async () => {
    const response = await ask('/?quality=many', {
      method: 'POST',
      body: await upload.clone().png().toBuffer(),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /quality/);
  },
  'other paths are not found': async () => assert.equal((await ask('/favicon.ico')).status, 404),
};

const local = {};
try {
  for (const [name, run] of Object.entries(cases)) {
    local[name] = await run().then(
      () => 'ok',
      (error) => error.message,
    );
  }
} finally {
  await worker.dispose();
}
process.stdout.write(`${JSON.stringify({ place: 'cloudflare-worker', local, complaints: [] })}\n`);
