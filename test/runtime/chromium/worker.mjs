import { check } from '../check.mjs';
import { load } from './load.mjs';
import { runSources } from './sources.mjs';

check('worker', load, runSources).then(postMessage);
