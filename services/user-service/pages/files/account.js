// SPDX-License-Identifier: Apache-2.0
// After a form that signs in: the profile, and the way out. The access token lives in this closure only and is gone with the page.
import { call, Problem } from './api.js';
import { language, text } from './texts.js';

const form = document.querySelector('form[data-signs-in]');
const profile = document.getElementById('profile');
const result = form.querySelector('.result');
const shown = ['name', 'email', 'phone', 'address', 'locale', 'roles', 'created_at', 'id'];
let bearer = null;

function timeElement(value) {
  const time = document.createElement('time');
  time.dateTime = value;
  time.textContent = new Date(value).toLocaleString(language, { dateStyle: 'long', timeStyle: 'short' });
  return time;
}

/** What people read in place of a raw value. */
const readable = {
  created_at: timeElement,
  locale: (tag) => new Intl.DisplayNames([language], { type: 'language' }).of(tag),
  roles: (roles) => roles.map((role) => text(`role.${role}`, role)).join(', '),
};

function showProfile(values) {
  const list = profile.querySelector('dl');
  list.replaceChildren();
  for (const name of shown) {
    const value = values[name];
    if (value === null || value === undefined || value.length === 0) continue;
    const term = document.createElement('dt');
    const description = document.createElement('dd');
    term.textContent = text(`profile.${name}`, name);
    description.append(readable[name]?.(value) ?? value);
    list.append(term, description);
  }
  profile.hidden = false;
}

function leave() {
  bearer = null;
  profile.hidden = true;
  profile.querySelector('dl').replaceChildren();
  form.querySelector('fieldset').hidden = 'withToken' in form.dataset;
}

async function attempt(work) {
  result.classList.remove('bad');
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    result.textContent = error.message;
    result.classList.add('bad');
  }
}

form.addEventListener('accepted', ({ detail }) => attempt(async () => {
  bearer = detail.access_token;
  showProfile(await call('GET', 'api/v1/profile', { bearer }));
  form.querySelector('fieldset').hidden = true;
}));

document.getElementById('logout').addEventListener('click', () => attempt(async () => {
  try {
    await call('POST', 'api/v1/auth/logout', { bearer });
  } finally {
    leave(); // whether the service was reached or not: nobody who comes later is to read this
  }
  result.textContent = text('logout.done');
}));
