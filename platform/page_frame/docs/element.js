// SPDX-License-Identifier: Apache-2.0

/** A new element with that text. */
export function element(name, content = '', className = '') {
  const made = document.createElement(name);
  made.textContent = content;
  if (className) made.className = className;
  return made;
}

/** Text in which `…` is code, as nodes. */
export function prose(content) {
  return content.split('`').map((part, index) => (index % 2 === 1 ? element('code', part) : document.createTextNode(part)));
}
