// SPDX-License-Identifier: Apache-2.0
// Calls of the JSON API and the problems it answers with (RFC 9457).
import { text } from './texts.js';

/** A call that did not succeed. `fields` maps names of fields to what is wrong with them; `code` is the service's, if it answered. */
export class Problem extends Error {
  constructor(message, fields = new Map(), code = '') {
    super(message);
    this.fields = fields;
    this.code = code;
  }
}

function toProblem(response, body, form) {
  const fields = new Map();
  for (const fault of body.errors ?? []) {
    if (!fields.has(fault.field)) fields.set(fault.field, text(`field.${fault.code}`, fault.message));
  }
  const general = text(`code.${body.code}`, body.detail ?? body.title ?? `HTTP ${response.status}`);
  const parts = [text(`${form}.${body.code}`, general)];
  const seconds = response.headers.get('Retry-After');
  if (seconds) parts.push(text('try_again_in').replace('{seconds}', seconds));
  return new Problem(parts.join(' '), fields, body.code);
}

async function readJson(response) {
  const isJson = /\bjson\b/.test(response.headers.get('Content-Type') ?? '');
  return isJson ? response.json() : {};
}

/**
 * Sends `body`, if any, as JSON. Returns the answer as an object, or throws a Problem, in the words that `form` has for it, if any. `path` is
 * relative to the page.
 */
export async function call(method, path, { body, bearer, form } = {}) {
  const headers = { Accept: 'application/json' };
  if (body) headers['Content-Type'] = 'application/json';
  if (bearer) headers.Authorization = `Bearer ${bearer}`;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new Problem(text('unreachable'));
  }
  const answer = await readJson(response);
  if (!response.ok) throw toProblem(response, answer, form);
  return answer;
}
