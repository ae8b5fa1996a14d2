export interface Quality {
  bytes: number;
  psnr: number;
  psnrLuma: number;
  psnrChroma: number;
  ssim: number;
}
export function judgeOf(picture: {
  data: Uint8Array;
  width: number;
  height: number;
}): (file: Uint8Array) => Promise<Quality>;
