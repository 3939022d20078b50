// SPDX-License-Identifier: Apache-2.0
// The page is written in Indonesian; what scripts add and the English translation stand here.

const indonesian = {
  'empty': 'Belum ada surel. Daftarlah di halaman awal, lalu lihat di sini.',
  'unreachable': 'Layanan tidak terjangkau. Halaman ini mencoba lagi.',
  'count': '{count} surel',
};

const english = {
  'title': 'Test mailbox',
  'lead': 'Every mail that this service sends arrives here. None of them leaves this computer.',
  'loading': 'Loading …',
  'list': 'Mails, newest first',
  'from': 'From',
  'to': 'To',
  'sent_at': 'Sent',
  'views': 'Form',
  'view.html': 'As a mail program shows it',
  'view.text': 'Text',
  'view.raw': 'Source',
  'frame': 'Body of the mail',
  'empty': 'No mail yet. Register on the first page, then look here.',
  'unreachable': 'The service cannot be reached. This page keeps trying.',
  'count': 'Mails: {count}',
};

function chooseLanguage() {
  const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language ?? 'id';
  return /^(id|ms|jv|su)\b/i.test(wanted) ? 'id' : 'en';
}

export const language = chooseLanguage();
const dictionary = language === 'en' ? english : indonesian;

/** The text of `key`, or `fallback` where there is none. */
export function text(key, fallback = '') {
  return dictionary[key] ?? fallback;
}

function linkLanguages() {
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

document.documentElement.lang = language;
for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text, element.textContent);
for (const element of document.querySelectorAll('[data-label]')) {
  const name = element.tagName === 'IFRAME' ? 'title' : 'aria-label';
  element.setAttribute(name, text(element.dataset.label, element.getAttribute(name)));
}
linkLanguages();
