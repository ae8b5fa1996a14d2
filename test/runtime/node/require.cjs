// The same by `require()`, which Node has for ES modules since 20.19.
const load = {
  main: async () => require('pixbytes'),
  png: async () => require('pixbytes/png'),
  jpeg: async () => require('pixbytes/jpeg'),
  webp: async () => require('pixbytes/webp'),
};

import('../check.mjs')
  .then(({ check }) => check('require()', load))
  .then((report) => process.stdout.write(`${JSON.stringify(report)}\n`));
