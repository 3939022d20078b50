// SPDX-License-Identifier: Apache-2.0
// Every form of these pages: its fields go to data-endpoint as JSON, what is wrong comes back beside each field. A form that succeeds
// fires the event "accepted" with the answer.
import { call, Problem } from './api.js';
import { deviceToken, rememberDevice } from './devices.js';
import { language, text } from './texts.js';

const address = new URL(location.href);
const token = address.searchParams.get('token');
// Nobody who looks at the screen, the history or a bookmark is to see it.
address.searchParams.delete('token');
if (token) history.replaceState(null, '', address);

function show(form, message, bad = false) {
  const result = form.querySelector('.result');
  result.textContent = message;
  result.classList.toggle('bad', bad);
}

/** Shows the way to the login, on pages that have one: what a link is for may have been done before. */
function offerLogin(form) {
  const login = form.querySelector('.login');
  if (login) login.hidden = false;
}

function clearErrors(form) {
  for (const error of form.querySelectorAll('.error')) error.textContent = '';
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
}

function showErrors(form, problem) {
  const elsewhere = [];
  for (const [name, message] of problem.fields) {
    const input = form.elements.namedItem(name);
    if (!input) {
      elsewhere.push(`${name}: ${message}`);
      continue;
    }
    input.setAttribute('aria-invalid', 'true');
    document.getElementById(`${input.id}-error`).textContent = message;
  }
  show(form, [problem.message, ...elsewhere].join(' '), true);
  form.querySelector('[aria-invalid]')?.focus();
}

function bodyOf(form) {
  const body = Object.fromEntries(new FormData(form));
  if ('withToken' in form.dataset) body.token = token;
  if ('withLocale' in form.dataset) body.locale = language;
  if ('withDevice' in form.dataset) body.device_token = deviceToken(body.email);
  return body;
}

async function submit(form) {
  const fieldset = form.querySelector('fieldset');
  const body = bodyOf(form);
  clearErrors(form);
  show(form, text('busy'));
  fieldset.disabled = true;
  try {
    const answer = await call('POST', form.dataset.endpoint, { body, form: form.id });
    if (answer?.device_token) rememberDevice(answer.email ?? answer.user.email, answer.device_token);
    form.reset();
    show(form, text(form.dataset.success));
    // A link works once: its form has done its work.
    fieldset.hidden = 'withToken' in form.dataset;
    if (!('signsIn' in form.dataset)) offerLogin(form);
    form.dispatchEvent(new CustomEvent('accepted', { detail: answer }));
    fieldset.disabled = false;
  } catch (error) {
    fieldset.disabled = false;
    showErrors(form, error instanceof Problem ? error : new Problem(String(error)));
    if (error.code === 'invalid_token') offerLogin(form);
  }
}

for (const form of document.querySelectorAll('form[data-endpoint]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit(form);
  });
  if ('withToken' in form.dataset && !token) {
    form.querySelector('fieldset').hidden = true;
    // So it is with half a link, and after a reload of the page that has done its work.
    show(form, text(`${form.id}.no_token`));
    offerLogin(form);
  } else {
    form.querySelector('fieldset').disabled = false;
  }
}
