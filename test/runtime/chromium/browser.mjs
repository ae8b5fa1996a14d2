import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { failedReport } from '../compare.mjs';

/** What Vite's client says, and a graphics driver that is slow in software. */
const EXPECTED = /\[vite\] connect|GL Driver Message \(OpenGL, Performance/;

const PAGE_TIMEOUT_MS = 80_000;

/** Starts Chromium, or says that there is none and ends the process. */
export async function launch() {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    process.stderr.write(
      `There is no Chromium at ${executablePath}: install it, on Debian by \`apt-get install chromium\`, or set CHROMIUM.\n`,
    );
    process.exit(1);
  }
  return chromium.launch({
    executablePath,
    args: [
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--enable-unsafe-swiftshader',
    ],
  });
}

/**
 * Opens a page and waits for what it gives to `report`.
 *
 * @param {import('playwright-core').Browser} browser
 * @param {string} title of its reports
 * @param {string} url
 * @param {object} [options]
 * @param {RegExp} [options.expected] what the browser may print beside the usual
 * @param {string} [options.screenshot] the file for a picture of the page
 * @returns {Promise<import('../compare.mjs').Report[]>}
 */
export async function runPage(browser, title, url, { expected = /$^/, screenshot } = {}) {
  const page = await browser.newPage();
  const printed = [];
  page.on('console', (message) => {
    // A test asks for a `blob:` URL that is gone, and the browser says so.

    if (message.location().url.startsWith('blob:')) return;
    printed.push(`console.${message.type()}: ${message.text()}`);
  });
  let timer;
  try {
    const reports = await new Promise((resolve, reject) => {
      page.on('pageerror', reject);
      page
        .exposeFunction('report', resolve)
        .then(() => page.goto(url))
        .catch(reject);
      timer = setTimeout(() => reject(new Error('the page gave no report')), PAGE_TIMEOUT_MS);
    });
    if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
    return reports.map((report) => ({
      ...report,
      complaints: [...report.complaints, ...printed].filter(
        (complaint) => !EXPECTED.test(complaint) && !expected.test(complaint),
      ),
      place: `${title}, ${report.place}`,
    }));
  } catch (error) {
    return [failedReport(title, [error, ...printed].join('\n'))];
  } finally {
    clearTimeout(timer);
    await page.close();
  }
}
