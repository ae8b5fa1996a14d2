// For Node, Bun and Deno, started in a project that has the package installed. Prints its report as a line of JSON.
import { check } from '../check.mjs';
import { runPool } from '../pool.mjs';

const { Bun, Deno } = globalThis;
const version = Bun ? `Bun ${Bun.version}` : Deno ? `Deno ${Deno.version.deno}` : `Node ${process.version}`;

const entries = {
  main: () => import('pixbytes'),
  png: () => import('pixbytes/png'),
  jpeg: () => import('pixbytes/jpeg'),
  webp: () => import('pixbytes/webp'),
};
const report = await check(`${version}, import`, entries, runPool);
process.stdout.write(`${JSON.stringify(report)}\n`);
