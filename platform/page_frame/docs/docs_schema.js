// SPDX-License-Identifier: Apache-2.0
// What the API document says about bodies and parameters, for people: types, limits, rows for nested members, and an example.
import { text } from './docs_texts.js';

const deepest = 5; // of nested members: a schema may refer to itself

export function resolve(api, schema = {}) {
  if (!schema.$ref) return schema;
  return schema.$ref.replace('#/', '').split('/').reduce((at, step) => at?.[step], api) ?? {};
}

export function typeOf(api, schema) {
  if (schema?.$ref) return schema.$ref.split('/').pop();
  const { type, format, items, enum: choices, anyOf, oneOf } = schema ?? {};
  const several = anyOf ?? oneOf;
  if (several) return several.map((one) => typeOf(api, one)).join(' | ');
  if (choices) return choices.join(' | ');
  if (type === 'array') return `${typeOf(api, items)}[]`;
  return [[type].flat().filter(Boolean).join(' | '), format && `(${format})`].filter(Boolean).join(' ');
}

/** "1 to 100", "at least 1", "at most 100", or "" without limits. */
function between(least, most) {
  if (least !== undefined && most !== undefined) return text('limit.between').replace('{least}', least).replace('{most}', most);
  if (least !== undefined) return text('limit.least').replace('{least}', least);
  return most === undefined ? '' : text('limit.most').replace('{most}', most);
}

function limitsOf(schema) {
  if (schema.minLength === 1 && schema.maxLength === undefined) return [text('limit.not_empty')];
  const length = between(schema.minLength, schema.maxLength);
  return [length && `${length} ${text('limit.characters')}`, between(schema.minimum, schema.maximum)].filter(Boolean);
}

/** `words` as a sentence: with a capital and a full stop. */
function sentence(words) {
  return words && `${words[0].toUpperCase()}${words.slice(1)}${/[.!?:]$/.test(words) ? '' : '.'}`;
}

/** Sentences about a value: `rules` in the reader's language, `words` the API's own. Either may be empty. */
export function describe(schema, required, description) {
  const rules = [required && text('required'), ...limitsOf(schema ?? {})].filter(Boolean).join(', ');
  const words = description ?? schema?.description ?? '';
  return { rules: sentence(rules), words: sentence(words) };
}

/** [name, type, description] of each member, those of nested objects and of items of arrays below their own. */
export function memberRows(api, schema, prefix = '', depth = 0) {
  const { properties = {}, required = [] } = resolve(api, schema);
  return Object.entries(properties).flatMap(([name, member]) => {
    const row = [prefix + name, typeOf(api, member), describe(member, required.includes(name))];
    const inner = resolve(api, member);
    const below = inner.type === 'array' ? { schema: inner.items, prefix: `${prefix}${name}[].` } : { schema: member, prefix: `${prefix}${name}.` };
    return [row, ...(depth < deepest ? memberRows(api, below.schema, below.prefix, depth + 1) : [])];
  });
}

const byFormat = { uuid: '01890a5d-ac96-774b-bcce-b302099a8057', 'date-time': '2026-01-31T12:00:00Z', email: 'budi@example.com', 'idn-email': 'budi@example.com' };

/** A value that the schema allows: what it gives as an example, else something of the right type. */
export function exampleOf(api, schema, depth = 0) {
  const known = resolve(api, schema);
  if (known.examples?.length) return known.examples[0];
  if (known.default !== undefined) return known.default;
  if (known.enum) return known.enum[0];
  const several = known.anyOf ?? known.oneOf;
  if (several) return exampleOf(api, several[0], depth);
  const type = [known.type].flat()[0];
  if (type === 'array') return depth < deepest ? [exampleOf(api, known.items, depth + 1)] : [];
  if (known.properties) {
    const members = depth < deepest ? Object.entries(known.properties) : [];
    return Object.fromEntries(members.map(([name, member]) => [name, exampleOf(api, member, depth + 1)]));
  }
  if (type === 'boolean') return true;
  if (type === 'integer' || type === 'number') return Math.max(known.minimum ?? 0, 0);
  return byFormat[known.format] ?? '…';
}
