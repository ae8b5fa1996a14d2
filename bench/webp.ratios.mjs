// Ratios of the WebP bench: of one result to its peer's, means of them, and how they are written.

export const ms = (time) => time.toFixed(time < 10 ? 2 : time < 100 ? 1 : 0);
export const times = (ratio) => (Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : '');
export const percent = (ratio) =>
  Number.isFinite(ratio) ? `${ratio > 1 ? '+' : ''}${((ratio - 1) * 100).toFixed(1)} %` : '';

/** How many times as fast, and how many times as large; nothing where the peer took no part. */
export function against(result, peer) {
  if (!peer) return undefined;
  const [bytes, peerBytes] = [result.file.length, peer.file.length];
  return { speed: peer.median / result.median, size: bytes / peerBytes, bytes, peerBytes };
}

/** The geometric mean of ratios; NaN of none. */
export const meanRatio = (ratios) =>
  Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
