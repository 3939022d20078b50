// SPDX-License-Identifier: Apache-2.0
// The page is written in Indonesian; what scripts add and the English translation stand here.
import { speak } from './frame.js';

const indonesian = {
  'now.operational': 'Semua berfungsi',
  'now.degraded': 'Ada yang terganggu',
  'now.outage': 'Ada yang tidak berfungsi',
  'now.unknown': 'Keadaan sekarang tidak diketahui',
  'now.partly_unknown': 'Sebagian keadaan tidak diketahui',
  'operational': 'Berfungsi', 'degraded': 'Terganggu', 'outage': 'Tidak berfungsi', 'unknown': 'Tidak diketahui',
  'day.operational': 'tanpa gangguan', 'day.degraded': 'terganggu', 'day.outage': 'tidak berfungsi', 'day.no_data': 'tidak ada data',
  'hint.degraded': 'Sebagian permintaan gagal atau lambat. Coba lagi sebentar lagi.',
  'hint.outage': 'Untuk sementara tidak dapat dipakai. Coba lagi nanti.',
  'hint.mails.degraded': 'Surel datang terlambat. Tidak ada yang hilang.',
  'hint.mails.outage': 'Surel belum terkirim. Tidak ada yang hilang: surel dikirim begitu bisa.',
  'hint.unknown': 'Terakhir diketahui {time}.',
  'hint.never': 'Belum pernah ada data.',
  'checked': 'Diperiksa {time}.',
  'checked.stale': 'Pemeriksaan terakhir {time}. Sejak itu tidak ada kabar, jadi keadaan sekarang tidak diketahui.',
  'checked.never': 'Data status tidak dapat dibaca. Halaman ini mencoba lagi sendiri.',
  'share': 'Tersedia {share} selama {days}.',
  'share.none': 'Belum ada data dalam 90 hari ini.',
  'problems': '{days} dengan gangguan.',
  'problems.none': 'Tidak ada gangguan yang tercatat.',
  'gaps': '{days} tanpa data lengkap.',
  'recorded': '{days} yang tercatat',
  'days.one': '{count} hari', 'days.other': '{count} hari',
  'day': '{day}: {state}', 'day.share': '{day}: {state}, tersedia {share}',
};

const english = {
  'title': 'Service status · MICRO-SAYUR',
  'heading': 'Service status',
  'loading': 'Checking …',
  'sign_in': 'Sign-in', 'registration': 'Registration', 'mails': 'Mails',
  'first': '90 days ago', 'last': 'today',
  'days': 'Days with problems',
  'note': 'Each bar is one day by UTC and shows the worst of that day. The percentage is the share of the recorded time in which the service could be used, if slowly.',
  'now.operational': 'Everything is operational',
  'now.degraded': 'Something is degraded',
  'now.outage': 'Something is out of service',
  'now.unknown': 'The current state is not known',
  'now.partly_unknown': 'Not every state is known',
  'operational': 'Operational', 'degraded': 'Degraded', 'outage': 'Outage', 'unknown': 'Unknown',
  'day.operational': 'no problems', 'day.degraded': 'degraded', 'day.outage': 'outage', 'day.no_data': 'no data',
  'hint.degraded': 'Some requests fail or are slow. Try again in a moment.',
  'hint.outage': 'It cannot be used at the moment. Try again later.',
  'hint.mails.degraded': 'Mails arrive late. None is lost.',
  'hint.mails.outage': 'Mails do not go out now. None is lost: they are sent as soon as possible.',
  'hint.unknown': 'Last known {time}.',
  'hint.never': 'There has never been any data.',
  'checked': 'Checked {time}.',
  'checked.stale': 'Last checked {time}. Nothing has been heard since, so that the current state is not known.',
  'checked.never': 'The status data cannot be read. This page tries again by itself.',
  'share': '{share} available over {days}.',
  'share.none': 'There are no data of these 90 days yet.',
  'problems': '{days} with problems.',
  'problems.none': 'No problem was recorded.',
  'gaps': '{days} without full data.',
  'recorded': '{days} of records',
  'days.one': '{count} day', 'days.other': '{count} days',
  'day': '{day}: {state}', 'day.share': '{day}: {state}, {share} available',
};

export const { language, text } = speak(indonesian, english);

/** The text of a key with its placeholders filled. */
export function filled(key, values) {
  return text(key).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const plural = new Intl.PluralRules(language);
export const days = (count) => filled(plural.select(count) === 'one' ? 'days.one' : 'days.other', { count });

const percent = new Intl.NumberFormat(language, { style: 'percent', maximumFractionDigits: 2 });
export const share = (value) => percent.format(value);

const moment = new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZoneName: 'short' });
export const time = (value) => moment.format(new Date(value));

// A day is one of UTC, whatever the clock on the reader's wall says.
const calendar = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
export const date = (day) => calendar.format(new Date(`${day}T00:00:00Z`));
