// SPDX-License-Identifier: Apache-2.0
// Reads the document now and then, one request at a time, and believes it only while it is fresh: a page that goes on showing what it read
// an hour ago is worse than none.
import { show, showNothing } from './view.js';

const EVERY = 60_000;
const LOOK = 5_000;
const PATIENCE = 10_000;
const STALE_AFTER = 120_000;

let read = null; // { status, age, at }: how old it was when it came, by its server's clock, and when that was
let tried = -Infinity;
let busy = false;

/** The reader's clock may be wrong; that of whoever sent the document is the one by which it was written. */
function ageOnArrival(answer, status) {
  const sent = Date.parse(answer.headers.get('Date')) || Date.now();
  return sent + 1000 * (Number(answer.headers.get('Age')) || 0) - Date.parse(status.checked_at);
}

/** Timers stand still while a machine sleeps, clocks leap: the larger of both. */
function since(at) {
  return Math.max(performance.now() - at.steady, Date.now() - at.clock);
}

function isFresh({ age, at }) {
  return Math.abs(age) < STALE_AFTER && age + since(at) < STALE_AFTER;
}

/** A cache may repeat a document as if it had just been written. */
function isRepeated(status) {
  return read !== null && read.status.checked_at === status.checked_at;
}

async function fetchStatus() {
  const answer = await fetch(new URL('../status.json', import.meta.url), { cache: 'no-store', credentials: 'omit', signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  const status = await answer.json();
  if (status.version !== 1) throw new Error(`version ${status.version}`);
  if (isRepeated(status)) return;
  read = { status, age: ageOnArrival(answer, status), at: { steady: performance.now(), clock: Date.now() } };
}

function refresh() {
  if (read === null) showNothing();
  else show(read.status, isFresh(read));
}

async function look(soon = false) {
  if (!busy && (soon || performance.now() - tried >= EVERY)) {
    busy = true;
    tried = performance.now();
    await fetchStatus().catch(() => {}); // what was read before is shown until it is stale
    busy = false;
  }
  refresh();
}

look(true);
setInterval(() => document.hidden || look(), LOOK);
for (const [whom, event] of [[document, 'visibilitychange'], [window, 'pageshow'], [window, 'online']]) {
  whom.addEventListener(event, () => document.hidden || look(performance.now() - tried >= LOOK));
}
