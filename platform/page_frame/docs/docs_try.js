// SPDX-License-Identifier: Apache-2.0
// A form that calls an operation, and shows what came back as it came.
import { exampleOf, resolve } from './docs_schema.js';
import { element } from './element.js';
import { text } from './docs_texts.js';

let fields = 0;

function field(label, control) {
  fields += 1;
  control.id = `try-${fields}`;
  const name = element('label', label);
  name.htmlFor = control.id;
  const frame = element('div', '', 'field');
  frame.append(name, control);
  return frame;
}

function input(required) {
  const made = element('input');
  made.autocomplete = 'off';
  made.required = Boolean(required);
  return made;
}

/** The place that a call goes to, relative to the page, so that a prefix before it stays. */
function target(path, given) {
  const query = new URLSearchParams();
  let filled = path.slice(1);
  for (const { name, in: place, control } of given) {
    if (place === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(control.value));
    if (place === 'query' && control.value) query.set(name, control.value);
  }
  return query.size ? `${filled}?${query}` : filled;
}

function headersOf(given, type, token) {
  const headers = new Headers({ Accept: 'application/json' });
  if (type) headers.set('Content-Type', type);
  if (token.value.trim()) headers.set('Authorization', `Bearer ${token.value.trim()}`);
  for (const { name, in: place, control } of given) if (place === 'header' && control.value) headers.set(name, control.value);
  return headers;
}

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}

async function send(method, url, headers, body, token) {
  const answer = await fetch(url, { method, headers, body, credentials: 'omit', cache: 'no-store' });
  const received = await answer.text();
  const shown = [...answer.headers].filter(([name]) => ['etag', 'link', 'location', 'retry-after', 'www-authenticate', 'x-request-id'].includes(name));
  const lines = [`${answer.status} ${answer.statusText}`, ...shown.map(([name, value]) => `${name}: ${value}`), '', pretty(received)];
  if (answer.ok && received.includes('"access_token"')) token.value = JSON.parse(received).access_token;
  return lines.join('\n');
}

/** `token` is the field with the access token that every call sends; an answer with another one fills it. */
export function tryIt(api, method, path, details, parameters, token) {
  const frame = element('details');
  frame.append(element('summary', text('try.open')));
  const form = element('form');
  const given = parameters.map((one) => resolve(api, one)).map(({ name, in: place, required }) => ({ name, in: place, control: input(required) }));
  for (const one of given) form.append(field(`${one.name} (${one.in})`, one.control));
  const [type, content] = Object.entries(resolve(api, details.requestBody).content ?? {})[0] ?? [];
  const body = type && element('textarea', JSON.stringify(exampleOf(api, content.schema), null, 2));
  if (body) {
    body.rows = body.textContent.split('\n').length + 1;
    body.spellcheck = false;
    form.append(field(`${text('request')} (${type})`, body));
  }
  const result = element('pre', '', 'answer');
  result.setAttribute('role', 'status');
  result.tabIndex = 0;
  result.hidden = true;
  const button = element('button', text('try.send'));
  form.append(button, result);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    try {
      result.textContent = await send(method.toUpperCase(), target(path, given), headersOf(given, type, token), body?.value, token);
    } catch (error) {
      result.textContent = `${text('unreachable')} ${error.message}`;
    } finally {
      result.hidden = false;
      button.disabled = false;
    }
  });
  frame.append(form);
  return frame;
}
