// What only browsers can encode: each source is made of pixels that are known, and the file must give exactly these back.
import { picture } from '../pictures.mjs';

const { data, width, height } = picture('rgba8', 45, 31, { opaque: true });
const opaque = () => new ImageData(new Uint8ClampedArray(data), width, height);

/** Runs each and says 'ok' or what is wrong. */
async function judge(cases) {
  const results = {};
  for (const [name, run] of Object.entries(cases)) {
    try {
      await run();
      results[name] = 'ok';
    } catch (error) {
      results[name] = `${error.name} ${error.code ?? ''}: ${error.message}`;
    }
  }
  return results;
}

function paint(canvas) {
  canvas.getContext('2d').putImageData(opaque(), 0, 0);
  return canvas;
}

/** A canvas of WebGL with the known pixels, drawn as one square of one texture. */
function paintGl(canvas, preserveDrawingBuffer = true) {
  const gl = canvas.getContext('webgl2', { preserveDrawingBuffer, antialias: false });
  if (gl === null) throw new Error('no WebGL');
  const program = gl.createProgram();
  const shader = (type, source) => {
    const made = gl.createShader(type);
    gl.shaderSource(made, `#version 300 es\nprecision highp float;\n${source}`);
    gl.compileShader(made);
    gl.attachShader(program, made);
  };
  // Three corners that hold the whole picture between them.
  shader(gl.VERTEX_SHADER, 'void main(){gl_Position=vec4(gl_VertexID==1?3:-1,gl_VertexID==2?3:-1,0,1);}');
  // Rows from the top down, where those of WebGL go from the bottom up.
  const fetch = `texelFetch(t,ivec2(gl_FragCoord.x,${height}.-gl_FragCoord.y),0)`;
  shader(gl.FRAGMENT_SHADER, `uniform sampler2D t;out vec4 c;void main(){c=${fetch};}`);
  gl.linkProgram(program);
  gl.useProgram(program);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, data);
  gl.drawArrays(gl.TRIANGLES, 0, 3);
  return canvas;
}

function checkPixels(pixels) {
  const at = data.findIndex((byte, i) => byte !== pixels[i]);
  if (at >= 0) throw new Error(`byte ${at} is ${pixels[at]} instead of ${data[at]}`);
  if (pixels.length !== data.length) throw new Error(`${pixels.length} bytes instead of ${data.length}`);
}

/** Encodes a source in every exact way and looks at what comes back. */
async function checkExact({ encode, decode }, source) {
  const files = [await encode(source, 'png'), await encode(source, 'webp', { lossless: true, exact: true })];
  checkPixels(await encode(source, 'raw', { pixelFormat: 'rgba8' }));
  for (const file of files) checkPixels((await decode(file)).data);
}

/** Encodes a source that is spoilt as soon as the call has returned. */
async function checkCaptured({ encode, decode }, source, spoil) {
  const encoding = encode(source, 'png');
  spoil(source);
  checkPixels((await decode(await encoding)).data);
}

const videoFrame = (format, pixels) =>
  new VideoFrame(pixels, { format, codedWidth: width, codedHeight: height, timestamp: 0 });

/** Sources that pages and workers have. */
export function runSources(pixbytes) {
  const exact = (source) => checkExact(pixbytes, source);
  return judge({
    ImageData: () => exact(opaque()),
    'OffscreenCanvas, 2d': () => exact(paint(new OffscreenCanvas(width, height))),
    'OffscreenCanvas, WebGL': () => exact(paintGl(new OffscreenCanvas(width, height))),
    ImageBitmap: async () => exact(await createImageBitmap(opaque())),
    'VideoFrame, RGBA': () => exact(videoFrame('RGBA', data)),
    'VideoFrame, BGRX': () =>
      exact(
        videoFrame(
          'BGRX',
          Uint8Array.from(data, (_, i) => data[i % 4 === 3 ? i : i + 2 - 2 * (i % 4)]),
        ),
      ),
    'VideoFrame of a canvas': () =>
      exact(new VideoFrame(paint(new OffscreenCanvas(width, height)), { timestamp: 0 })),
    'OffscreenCanvas, 2d, cleared behind the call': () =>
      checkCaptured(pixbytes, paint(new OffscreenCanvas(width, height)), (canvas) =>
        canvas.getContext('2d').clearRect(0, 0, width, height),
      ),
    'ImageBitmap, closed behind the call': async () =>
      checkCaptured(pixbytes, await createImageBitmap(opaque()), (bitmap) => bitmap.close()),
    'VideoFrame, closed behind the call': () =>
      checkCaptured(pixbytes, videoFrame('RGBA', data), (frame) => frame.close()),
    'a closed ImageBitmap': async () => {
      const bitmap = await createImageBitmap(opaque());
      bitmap.close();
      const error = await pixbytes.encode(bitmap, 'png').catch((reason) => reason);
      if (!(error instanceof pixbytes.CodecError)) throw new Error(`gave ${error}`);
    },
    'a canvas keeps its kind of context': async () => {
      const canvas = new OffscreenCanvas(width, height);
      await pixbytes.encode(canvas, 'png');
      if (canvas.getContext('webgl2') === null) throw new Error('it was asked for a 2d context');
    },
    toObjectURL: async () => {
      const file = await pixbytes.encode(opaque(), 'webp');
      const { url, ...rest } = pixbytes.toObjectURL(file);
      const response = await fetch(url);
      const back = new Uint8Array(await response.arrayBuffer());
      if (response.headers.get('Content-Type') !== 'image/webp') throw new Error('not image/webp');
      if (!file.every((byte, i) => byte === back[i])) throw new Error('other bytes');
      rest[Symbol.dispose]();
      const revoked = await fetch(url).then(
        () => false,
        () => true,
      );
      if (!revoked) throw new Error('the URL outlives its disposal');
    },
  });
}

const element = () => Object.assign(document.createElement('canvas'), { width, height });

/** Sources that only pages have. */
export function runPageSources(pixbytes) {
  const exact = (source) => checkExact(pixbytes, source);
  return judge({
    'HTMLCanvasElement, 2d': () => exact(paint(element())),
    'HTMLCanvasElement, WebGL': () => exact(paintGl(element())),
    // The browser clears what it has shown.
    'HTMLCanvasElement, WebGL, not preserved': () =>
      checkCaptured(pixbytes, paintGl(element(), false), () => {}),
  });
}
