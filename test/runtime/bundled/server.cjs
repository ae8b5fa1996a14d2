const { check } = require('../check.mjs');

check('pixbytes', {
  main: () => import('pixbytes'),
  png: () => import('pixbytes/png'),
  jpeg: () => import('pixbytes/jpeg'),
  webp: () => import('pixbytes/webp'),
}).then((report) => process.stdout.write(`${JSON.stringify(report)}\n`));
