// SPDX-License-Identifier: Apache-2.0
// The pages are written in Indonesian; what scripts add and the English translation stand here.

const indonesian = {
  'register.done': 'Terima kasih. Kami telah mengirim surel ke alamat itu. Bukalah tautan di dalamnya.',
  'verify.done': 'Alamat Anda sudah dikonfirmasi. Anda dapat masuk sekarang.',
  'reset.done': 'Kata sandi baru sudah disimpan. Silakan masuk dengannya.',
  'forgot.done': 'Bila alamat itu punya akun, surel sedang dalam perjalanan.',
  'login.done': 'Anda sudah masuk.',
  'logout.done': 'Anda sudah keluar.',
  'busy': 'Mohon tunggu …',
  'unreachable': 'Layanan tidak terjangkau. Periksa sambungan Anda lalu coba lagi.',
  'no_token': 'Tautan ini tidak lengkap. Salin seluruh tautan dari surel.',
  'try_again_in': 'Coba lagi dalam {seconds} detik.',
  'request': 'Permintaan',
  'parameters': 'Parameter',
  'responses': 'Jawaban',
  'column.name': 'Nama', 'column.type': 'Jenis', 'column.text': 'Uraian', 'column.status': 'Status',
  'required': 'wajib',
  'docs.loading': 'Memuat …',
  'profile.id': 'ID', 'profile.email': 'Surel', 'profile.name': 'Nama', 'profile.phone': 'Telepon', 'profile.address': 'Alamat',
  'profile.locale': 'Bahasa', 'profile.roles': 'Peran', 'profile.created_at': 'Dibuat',
  'code.invalid_token': 'Tautan ini sudah dipakai, kedaluwarsa, atau tidak dikenal.',
  'code.invalid_credentials': 'Alamat surel atau kata sandi salah.',
  'code.email_not_verified': 'Alamat surel belum dikonfirmasi. Bukalah tautan di surel Anda.',
  'code.too_many_attempts': 'Terlalu banyak percobaan.',
  'code.validation_failed': 'Periksa isian yang ditandai.',
  'field.required': 'Wajib diisi.',
  'field.too_short': 'Terlalu pendek.',
  'field.too_long': 'Terlalu panjang.',
  'field.invalid_format': 'Bentuknya tidak benar.',
  'field.too_weak': 'Kata sandi ini terlalu mudah ditebak.',
};

const english = {
  'index.title': 'MICRO-SAYUR',
  'index.heading': 'Accounts and notifications for a vegetable market',
  'index.lead': 'This service registers customers, confirms their e-mail addresses and looks after their sessions. Try it here, step by step.',
  'register.heading': '1. Register',
  'register.submit': 'Register',
  'register.done': 'Thank you. We have sent a mail to that address. Open the link in it.',
  'mail.heading': '2. Open the confirmation mail',
  'mail.text': 'The mail holds a link. The account exists once you press the button on the page that it opens.',
  'mail.open': 'Open the test mailbox',
  'login.heading': '3. Log in and see your profile',
  'login.submit': 'Log in',
  'login.done': 'You are logged in.',
  'logout.submit': 'Log out',
  'logout.done': 'You are logged out.',
  'profile.heading': 'Profile',
  'forgot.link': 'Forgot your password?',
  'more.heading': 'For developers and operators',
  'more.docs': 'API documentation',
  'more.openapi': 'OpenAPI description',
  'more.health': 'State of the service',
  'verify.heading': 'Confirm your e-mail address',
  'verify.text': 'Press this button to complete your registration. If you did not register, just close this page.',
  'verify.submit': 'Confirm my address',
  'verify.done': 'Your address is confirmed. You can log in now.',
  'reset.heading': 'New password',
  'reset.text': 'Once it is saved, all earlier sessions of your account end.',
  'reset.submit': 'Save the new password',
  'reset.done': 'The new password is saved. Please log in with it.',
  'forgot.heading': 'Forgot your password',
  'forgot.text': 'If the address has an account, we send a link to choose a new password.',
  'forgot.submit': 'Send the link',
  'forgot.done': 'If the address has an account, a mail is on its way.',
  'docs.heading': 'API documentation',
  'docs.loading': 'Loading …',
  'back': 'To the first page',
  'name': 'Name',
  'email': 'E-mail address',
  'password': 'Password',
  'password.hint': 'At least 8 characters. A few random words are better than one complicated word.',
  'busy': 'One moment …',
  'unreachable': 'The service cannot be reached. Check your connection and try again.',
  'no_token': 'This link is incomplete. Copy the whole link from the mail.',
  'try_again_in': 'Try again in {seconds} seconds.',
  'request': 'Request',
  'parameters': 'Parameters',
  'responses': 'Responses',
  'column.name': 'Name', 'column.type': 'Type', 'column.text': 'Description', 'column.status': 'Status',
  'required': 'required',
  'profile.id': 'ID', 'profile.email': 'E-mail', 'profile.name': 'Name', 'profile.phone': 'Phone', 'profile.address': 'Address',
  'profile.locale': 'Language', 'profile.roles': 'Roles', 'profile.created_at': 'Created',
  'code.invalid_token': 'This link was used before, has expired or is unknown.',
  'code.invalid_credentials': 'Wrong e-mail address or password.',
  'code.email_not_verified': 'This address is not confirmed yet. Open the link in your mail.',
  'code.too_many_attempts': 'Too many attempts.',
  'code.validation_failed': 'Look at the marked fields.',
  'field.required': 'Is required.',
  'field.too_short': 'Is too short.',
  'field.too_long': 'Is too long.',
  'field.invalid_format': 'Does not have the right form.',
  'field.too_weak': 'This password is too easy to guess.',
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

function keepLanguageInLinks() {
  if (!new URLSearchParams(location.search).has('lang')) return;
  for (const link of document.querySelectorAll('main a, .brand')) {
    const target = new URL(link.href);
    if (target.origin !== location.origin) continue;
    target.searchParams.set('lang', language);
    link.href = target.href;
  }
}

document.documentElement.lang = language;
for (const element of document.querySelectorAll('[data-text]')) element.textContent = text(element.dataset.text, element.textContent);
linkLanguages();
keepLanguageInLinks();
