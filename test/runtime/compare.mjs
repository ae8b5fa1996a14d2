/**
 * What a program of this folder prints, as a line of JSON.
 *
 * @typedef {object} Report
 * @property {string} place where it ran
 * @property {Record<string, string>} [cases] the hash of each shared case; where one failed, how
 * @property {string[]} [entries] the entry points that were tried beside the main one
 * @property {Record<string, string>} local cases that are judged on the spot: 'ok', or what is wrong
 * @property {string[]} complaints what it did that it must not do: print, set globals
 */

/**
 * Everything that is wrong with a report.
 *
 * @param {Report} reference whose cases are right
 * @param {Report} report
 * @returns {string[]} a sentence each
 */
export function problemsOf(reference, report) {
  const local = Object.entries(report.local).flatMap(([name, result]) =>
    result === 'ok' ? [] : [`${name}: ${result}`],
  );
  return [...report.complaints, ...local, ...(report.cases ? differences(reference, report) : [])];
}

function differences(reference, { cases, entries }) {
  const problems = [];
  const wanted = Object.keys(reference.cases).filter(
    (name) => entries.length > 0 || !name.startsWith('pixbytes/'),
  );
  for (const name of wanted) {
    const [expected, found] = [reference.cases[name], cases[name]];
    if (found === undefined) problems.push(`${name}: did not run`);
    else if (found.startsWith('threw')) problems.push(`${name}: ${found}`);
    else if (found !== expected) {
      problems.push(`${name}: gives ${found.slice(0, 12)}…, in ${reference.place} ${expected.slice(0, 12)}…`);
    }
  }
  for (const name of Object.keys(cases)) {
    if (!(name in reference.cases)) problems.push(`${name}: did not run in ${reference.place}`);
  }
  return problems;
}

/** How many cases a report is about. */
export function countCases({ cases = {}, local }) {
  return Object.keys(cases).length + Object.keys(local).length;
}
