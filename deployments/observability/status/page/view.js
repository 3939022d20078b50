// SPDX-License-Identifier: Apache-2.0
// From the document to the page. What was shown already stays as it is, so that nothing is read out or closed again.
import { date, days, filled, share, text, time } from './texts.js';

const SIGNS = { operational: '✓', degraded: '!', outage: '✕', unknown: '?' };
const WORST_FIRST = ['outage', 'degraded', 'unknown', 'operational'];

function write(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

function showState(element, state, words) {
  element.dataset.state = state;
  write(element.querySelector('.sign'), SIGNS[state]);
  write(element.querySelector('.word'), words);
}

function dayText(day) {
  const values = { day: date(day.day), state: text(`day.${day.state}`), share: share(day.availability ?? 0) };
  return filled(day.state === 'outage' ? 'day.share' : 'day', values);
}

function summaryOf(thing) {
  const recorded = thing.days.filter((day) => day.state !== 'no_data').length;
  const problems = thing.days.filter((day) => day.state === 'outage' || day.state === 'degraded').length;
  if (thing.availability === null) return text('share.none');
  const span = recorded === thing.days.length ? days(recorded) : filled('recorded', { days: days(recorded) });
  const parts = recorded > 0 ? [filled('share', { share: share(thing.availability), days: span })] : [text('share.none')];
  if (recorded > 0) parts.push(problems > 0 ? filled('problems', { days: days(problems) }) : text('problems.none'));
  if (recorded < thing.days.length) parts.push(filled('gaps', { days: days(thing.days.length - recorded) }));
  return parts.join(' ');
}

function hintOf(thing, state) {
  if (state === 'operational') return '';
  if (state === 'unknown') return thing?.known_at ? filled('hint.unknown', { time: time(thing.known_at) }) : text('hint.never');
  return text(`hint.${thing.name}.${state}`, text(`hint.${state}`));
}

function bar(day) {
  const made = document.createElement('span');
  made.className = `bar ${day.state}`;
  made.title = dayText(day);
  return made;
}

function item(day) {
  const made = document.createElement('li');
  made.textContent = dayText(day);
  return made;
}

function showDays(section, thing) {
  const now = JSON.stringify(thing.days);
  if (section.dataset.days === now) return;
  section.dataset.days = now;
  const bars = section.querySelector('.bars');
  bars.replaceChildren(...thing.days.map(bar));
  bars.setAttribute('aria-label', summaryOf(thing));
  write(section.querySelector('.summary'), summaryOf(thing));
  const bad = thing.days.filter((day) => day.state === 'outage' || day.state === 'degraded').reverse();
  section.querySelector('details').hidden = bad.length === 0;
  section.querySelector('details ul').replaceChildren(...bad.map(item));
}

function overallOf(states) {
  const worst = WORST_FIRST.find((state) => states.includes(state));
  return worst === 'unknown' && states.some((state) => state !== 'unknown') ? ['unknown', 'now.partly_unknown'] : [worst, `now.${worst}`];
}

/** `fresh`: whether its states may be taken for those of now. */
export function show(status, fresh) {
  const stateOf = (thing) => (fresh ? thing.state : 'unknown');
  const [state, words] = overallOf(status.things.map(stateOf));
  showState(document.getElementById('overall'), state, text(words));
  write(document.getElementById('checked'), filled(fresh ? 'checked' : 'checked.stale', { time: time(status.checked_at) }));
  for (const thing of status.things) {
    const section = document.getElementById(thing.name);
    showState(section.querySelector('.state'), stateOf(thing), text(stateOf(thing)));
    write(section.querySelector('.hint'), hintOf(thing, stateOf(thing)));
    showDays(section, thing);
  }
}

/** Nothing was ever read. */
export function showNothing() {
  showState(document.getElementById('overall'), 'unknown', text('now.unknown'));
  write(document.getElementById('checked'), text('checked.never'));
  for (const section of document.querySelectorAll('section')) {
    showState(section.querySelector('.state'), 'unknown', text('unknown'));
    section.querySelector('.bars').setAttribute('aria-label', text('share.none'));
  }
}
