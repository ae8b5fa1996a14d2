import { check } from '../check.mjs';

check('pixbytes/inline', { main: () => import('pixbytes/inline') }).then((report) =>
  globalThis.report([report]),
);
