// SPDX-License-Identifier: Apache-2.0
// Lists the mails, newest first, and shows the chosen one; looks for new ones every few seconds. The id of the shown mail stands in
// the fragment of the address.
import { language, text } from './texts.js';

const refreshEvery = 3000;
const state = document.getElementById('state');
const list = document.getElementById('messages');
const article = document.getElementById('message');
const frame = document.getElementById('html');
let messages = [];
let shown = '';

function showTime(element, time) {
  element.dateTime = time;
  element.textContent = new Date(time).toLocaleString(language, { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Fills `into` with text whose http addresses are links. */
function showTextWithLinks(into, body) {
  into.replaceChildren();
  for (const part of body.split(/(https?:\/\/[^\s<>"]+)/)) {
    if (!/^https?:\/\//.test(part)) {
      into.append(part);
      continue;
    }
    const link = document.createElement('a');
    link.href = part;
    link.target = '_blank';
    link.rel = 'noopener';
    link.textContent = part;
    into.append(link);
  }
}

function chooseView(view) {
  for (const button of document.querySelectorAll('#views button')) {
    const chosen = button.dataset.view === view;
    button.setAttribute('aria-pressed', String(chosen));
    document.getElementById(button.dataset.view).hidden = !chosen;
  }
}

function show(message) {
  shown = message.id;
  document.getElementById('subject').textContent = message.subject;
  document.getElementById('from').textContent = message.from;
  document.getElementById('to').textContent = message.to;
  showTime(document.getElementById('sent-at'), message.sent_at);
  showTextWithLinks(document.getElementById('text'), message.text);
  document.getElementById('raw').textContent = message.raw;
  frame.src = `mailbox/messages/${message.id}/html`;
  article.hidden = false;
}

function markShown() {
  for (const link of list.querySelectorAll('a')) {
    if (link.dataset.id === shown) link.setAttribute('aria-current', 'true');
    else link.removeAttribute('aria-current');
  }
}

function makeEntry(message) {
  const link = document.createElement('a');
  link.href = `#${message.id}`;
  link.dataset.id = message.id;
  const subject = document.createElement('strong');
  subject.textContent = message.subject;
  const to = document.createElement('span');
  to.textContent = message.to;
  const time = document.createElement('time');
  showTime(time, message.sent_at);
  link.append(subject, to, time);
  const item = document.createElement('li');
  item.append(link);
  return item;
}

function showList(found) {
  const isSame = found.length === messages.length && found.every((each, i) => each.id === messages[i].id);
  messages = found;
  state.textContent = found.length === 0 ? text('empty') : text('count').replace('{count}', found.length);
  if (isSame) return;
  const focused = document.activeElement?.dataset.id;
  list.replaceChildren(...found.map(makeEntry));
  if (focused) [...list.querySelectorAll('a')].find((link) => link.dataset.id === focused)?.focus();
}

function followFragment() {
  const chosen = messages.find((each) => each.id === location.hash.slice(1)) ?? (shown ? undefined : messages[0]);
  if (chosen && chosen.id !== shown) show(chosen);
  markShown();
}

async function refresh() {
  if (document.hidden && messages.length > 0) {
    setTimeout(refresh, refreshEvery);
    return;
  }
  try {
    const response = await fetch('mailbox/messages', { cache: 'no-store', credentials: 'omit' });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    showList(await response.json());
    followFragment();
  } catch {
    state.textContent = text('unreachable');
  }
  setTimeout(refresh, refreshEvery);
}

document.getElementById('views').addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button) chooseView(button.dataset.view);
});
addEventListener('hashchange', () => {
  followFragment();
  article.focus();
});
refresh();
