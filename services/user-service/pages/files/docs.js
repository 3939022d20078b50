// SPDX-License-Identifier: Apache-2.0
// A readable form of openapi.json.
import { call, Problem } from './api.js';
import { text } from './texts.js';

function element(name, content = '', className = '') {
  const made = document.createElement(name);
  made.textContent = content;
  if (className) made.className = className;
  return made;
}

/** A table under a heading; it scrolls sideways on a phone, so that it takes the focus of the keyboard. */
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
    row.forEach((value, index) => line.insertCell().append(index === 0 ? element('code', value) : value));
  }
  const frame = element('div', '', 'table');
  frame.tabIndex = 0;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', heading);
  frame.append(made);
  return [element('h3', heading), frame];
}

function resolve(api, schema = {}) {
  if (!schema.$ref) return schema;
  return schema.$ref.replace('#/', '').split('/').reduce((at, step) => at?.[step], api) ?? {};
}

function typeOf(api, schema) {
  if (schema?.$ref) return schema.$ref.split('/').pop();
  const { type, format, items, enum: choices, anyOf, oneOf } = schema ?? {};
  const several = anyOf ?? oneOf;
  if (several) return several.map((one) => typeOf(api, one)).join(' | ');
  if (choices) return choices.join(' | ');
  if (type === 'array') return `${typeOf(api, items)}[]`;
  return [[type].flat().filter(Boolean).join(' | '), format && `(${format})`].filter(Boolean).join(' ');
}

function limitsOf(schema) {
  const limits = [];
  if (schema.minLength !== undefined || schema.maxLength !== undefined) limits.push(`${schema.minLength ?? 0}–${schema.maxLength ?? '∞'}`);
  if (schema.minimum !== undefined || schema.maximum !== undefined) limits.push(`${schema.minimum ?? '−∞'} … ${schema.maximum ?? '∞'}`);
  return limits;
}

function describe(schema, required, description) {
  return [required && text('required'), ...limitsOf(schema ?? {}), description ?? schema?.description].filter(Boolean).join('; ');
}

function propertyRows(api, schema) {
  const { properties = {}, required = [] } = resolve(api, schema);
  return Object.entries(properties).map(([name, property]) =>
    [name, typeOf(api, property), describe(property, required.includes(name))]);
}

function addBody(api, article, heading, content) {
  for (const [type, { schema }] of Object.entries(content ?? {})) {
    const rows = propertyRows(api, schema);
    if (rows.length === 0) continue;
    article.append(...table(`${heading} (${type})`, ['name', 'type', 'text'], rows));
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
    return [status, Object.values(content).map((one) => typeOf(api, one.schema)).join(', '), description];
  });
  article.append(...table(text('responses'), ['status', 'type', 'text'], rows));
}

function operation(api, method, path, details, shared) {
  const article = element('article');
  const heading = element('h2');
  heading.append(element('span', method.toUpperCase(), 'method'), element('code', path));
  article.append(heading);
  for (const line of [details.summary, details.description]) if (line) article.append(element('p', line));
  addParameters(api, article, [...shared, ...details.parameters ?? []]);
  addBody(api, article, text('request'), resolve(api, details.requestBody).content);
  addResponses(api, article, details.responses);
  return article;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];
const status = document.getElementById('docs-status');
status.textContent = text('docs.loading');
try {
  const api = await call('GET', 'openapi.json');
  const operations = document.getElementById('operations');
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods) {
      if (item[method]) operations.append(operation(api, method, path, item[method], item.parameters ?? []));
    }
  }
  status.textContent = '';
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  status.textContent = error.message;
  status.classList.add('bad');
}
