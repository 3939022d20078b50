// SPDX-License-Identifier: Apache-2.0
// A readable form of the service's openapi.json.
import { describe, exampleOf, memberRows, resolve, typeOf } from './docs_schema.js';
import { tryIt } from './docs_try.js';
import { apiProse, element } from './element.js';
import { text } from './docs_texts.js';

/** A table of rows [name, type, {rules, words}] under a heading; it scrolls sideways on a phone, so that it takes the focus of the keyboard. */
function table(heading, columns, rows) {
  const made = document.createElement('table');
  const head = made.createTHead().insertRow();
  for (const column of columns) {
    const cell = element('th', text(`column.${column}`));
    cell.scope = 'col';
    head.append(cell);
  }
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    const [name, type, { rules = '', words = '' }] = row;
    line.insertCell().append(element('code', name));
    line.insertCell().append(type);
    line.insertCell().append(rules, rules && words ? ' ' : '', words ? apiProse('span', words) : '');
  }
  const frame = element('div', '', 'table');
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', heading);
  frame.append(made);
  return [element('h3', heading), frame];
}

/** An example of a body, to be opened. */
function example(api, schema) {
  const frame = element('details');
  const code = element('pre', JSON.stringify(exampleOf(api, schema), null, 2));
  code.tabIndex = 0;
  frame.append(element('summary', text('example')), code);
  return frame;
}

function addBody(api, article, heading, content) {
  for (const [type, { schema }] of Object.entries(content ?? {})) {
    const rows = memberRows(api, schema);
    if (rows.length === 0) continue;
    article.append(...table(`${heading} (${type})`, ['name', 'type', 'text'], rows), example(api, schema));
  }
}

function addParameters(api, article, parameters) {
  if (parameters.length === 0) return;
  const rows = parameters.map((one) => resolve(api, one))
    .map((one) => [`${one.name} (${one.in})`, typeOf(api, one.schema), describe(one.schema, one.required, one.description)]);
  article.append(...table(text('parameters'), ['name', 'type', 'text'], rows));
}

function addResponses(api, article, responses) {
  const rows = Object.entries(responses ?? {}).map(([status, response]) => {
    const { content = {}, description = '' } = resolve(api, response);
    return [status, Object.values(content).map((one) => typeOf(api, one.schema)).join(', '), describe(undefined, false, description)];
  });
  article.append(...table(text('responses'), ['status', 'type', 'text'], rows));
  for (const [status, response] of Object.entries(responses ?? {})) {
    if (status.startsWith('2')) addBody(api, article, `${text('response')} ${status}`, resolve(api, response).content);
  }
}

function operation(api, method, path, details, shared, token) {
  const article = element('article');
  const heading = element('h2');
  heading.append(element('span', method.toUpperCase(), 'method'), element('code', path));
  article.append(heading);
  for (const line of [details.summary, details.description]) if (line) article.append(apiProse('p', line));
  const parameters = [...shared, ...details.parameters ?? []];
  addParameters(api, article, parameters);
  addBody(api, article, text('request'), resolve(api, details.requestBody).content);
  addResponses(api, article, details.responses);
  article.append(tryIt(api, method, path, details, parameters, token));
  return article;
}

const loginPath = '/api/v1/auth/login';
const methods = ['get', 'post', 'put', 'patch', 'delete'];
const status = document.getElementById('status');

/** Its message is for people. */
class Unreachable extends Error {}

/** The API document, or an Unreachable. */
async function load() {
  let answer;
  try {
    answer = await fetch('openapi.json', { credentials: 'omit', cache: 'no-store' });
  } catch {
    throw new Unreachable(text('unreachable'));
  }
  if (!answer.ok) throw new Unreachable(`${text('unreachable')} HTTP ${answer.status}`);
  return answer.json();
}

function show(api) {
  const { title, version } = api.info;
  const service = document.getElementById('service');
  service.textContent = `${title} ${version}`;
  const foreign = text('api_language');
  if (foreign) service.after(element('p', foreign, 'hint'));
  if (api.paths[loginPath]) document.getElementById('token-hint').textContent = text('token_hint.login');
  document.title = `${title} · ${document.title}`;
  const token = document.getElementById('token');
  const operations = document.getElementById('operations');
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods) {
      if (item[method]) operations.append(operation(api, method, path, item[method], item.parameters ?? [], token));
    }
  }
}

status.textContent = text('loading');
try {
  show(await load());
  status.textContent = '';
} catch (error) {
  if (!(error instanceof Unreachable)) throw error;
  status.textContent = error.message;
  status.classList.add('bad');
}
