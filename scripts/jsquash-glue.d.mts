import type { Plugin } from 'esbuild';

export const GLUE: RegExp;
export function adaptGlue(code: string, file: string): string;
export const esbuildGlue: Plugin;
export const viteGlue: {
  name: string;
  transform(code: string, id: string): { code: string; map: null } | undefined;
};
