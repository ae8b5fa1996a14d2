import { check } from '../check.mjs';

// Bundled into one file, so there is nothing to load but `pixbytes/inline` itself.
const report = await check('pixbytes/inline', { main: () => import('pixbytes/inline') });
process.stdout.write(`${JSON.stringify(report)}\n`);
