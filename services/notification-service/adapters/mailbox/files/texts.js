// SPDX-License-Identifier: Apache-2.0
// The page is written in Indonesian; what scripts add and the English translation stand here.
import { speak } from '../assets/frame.js';

const indonesian = {
  'empty': 'Belum ada surel. Daftarlah di halaman depan, lalu lihat di sini.',
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
  'empty': 'No mail yet. Register on the front page, then look here.',
  'unreachable': 'The service cannot be reached. This page keeps trying.',
  'count': 'Mails: {count}',
};

export const { language, text } = speak(indonesian, english);
