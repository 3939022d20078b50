// SPDX-License-Identifier: Apache-2.0

/** A new element with that text. */
export function element(name, content = '', className = '') {
  const made = document.createElement(name);
  made.textContent = content;
  if (className) made.className = className;
  return made;
}

/** A new element with a text of the API itself, which is English on every page, and in which `…` is code. */
export function apiProse(name, content) {
  const made = element(name);
  made.lang = 'en';
  made.append(...content.split('`').map((part, index) => (index % 2 === 1 ? element('code', part) : part)));
  return made;
}
