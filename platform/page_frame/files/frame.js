// SPDX-License-Identifier: Apache-2.0
// What every page does before anything else: it finds out which language to speak, speaks it and offers the other. Pages are written in
// Indonesian.

function chooseLanguage() {
  const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language ?? 'id';
  return /^(id|ms|jv|su)\b/i.test(wanted) ? 'id' : 'en';
}

function translate(text) {
  for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text, element.textContent);
  for (const element of document.querySelectorAll('[data-label]')) {
    const name = element.tagName === 'IFRAME' ? 'title' : 'aria-label';
    element.setAttribute(name, text(element.dataset.label, element.getAttribute(name)));
  }
}

function linkLanguages(language) {
  const nav = document.getElementById('languages');
  for (const [code, name] of [['id', 'Indonesia'], ['en', 'English']]) {
    const target = new URL(location.href);
    target.searchParams.set('lang', code);
    const link = document.createElement('a');
    link.href = target.search;
    link.lang = code;
    link.textContent = name;
    if (code === language) link.setAttribute('aria-current', 'true');
    nav.append(link);
  }
  nav.hidden = false;
}

function keepLanguageInLinks(language) {
  if (!new URLSearchParams(location.search).has('lang')) return;
  for (const link of document.querySelectorAll('main a, a.brand')) {
    const target = new URL(link.href);
    if (target.origin !== location.origin) continue;
    target.searchParams.set('lang', language);
    link.href = target.href;
  }
}

/** Puts the page into the reader's language. `indonesian` has the texts that scripts add, `english` has all. Returns the language and a function
 * that finds the text of a key, or the fallback where there is none. */
export function speak(indonesian, english) {
  const language = chooseLanguage();
  const dictionary = language === 'en' ? english : indonesian;
  const text = (key, fallback = '') => dictionary[key] ?? fallback;
  document.documentElement.lang = language;
  translate(text);
  linkLanguages(language);
  keepLanguageInLinks(language);
  return { language, text };
}
