import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of one of the project's photographs. */
export function photograph(name: 'astronaut.png' | 'coffee.png' | 'rocket.jpg' | 'seeding-16mp.jpg'): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** The command as it is published. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

if (!existsSync(CLI)) throw new Error('The command is missing: run npm run build first');
