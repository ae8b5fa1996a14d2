import picocolors from 'picocolors';
import type { CliHost, TextOutput } from './host.js';

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours where they are wanted: on terminals, unless the environment says otherwise (no-color.org, force-color.org). */
export function colorsFor({ isTTY }: TextOutput, { NO_COLOR, FORCE_COLOR, TERM }: CliHost['env']): Colors {
  if (NO_COLOR) return picocolors.createColors(false);
  if (FORCE_COLOR) return picocolors.createColors(FORCE_COLOR !== '0');
  return picocolors.createColors(isTTY === true && TERM !== 'dumb');
}
