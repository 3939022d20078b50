// SPDX-License-Identifier: Apache-2.0
// The page is written in Indonesian; what scripts add and the English translation stand here.
import { speak } from './frame.js';

const indonesian = {
  'loading': 'Memuat …',
  'unreachable': 'Layanan tidak terjangkau. Periksa sambungan Anda lalu coba lagi.',
  'request': 'Permintaan', 'response': 'Jawaban', 'responses': 'Jawaban', 'parameters': 'Parameter', 'example': 'Contoh',
  'column.name': 'Nama', 'column.type': 'Jenis', 'column.text': 'Uraian', 'column.status': 'Status',
  'required': 'wajib',
  'api_language': 'Kata-kata dari API sendiri tertulis dalam bahasa Inggris.',
  'token_hint.login': 'Dari jawaban POST /api/v1/auth/login; terisi sendiri setelah Anda mencobanya di halaman ini, dan tidak disimpan di tempat lain.',
  'limit.between': '{least} sampai {most}', 'limit.least': 'sedikitnya {least}', 'limit.most': 'paling banyak {most}', 'limit.characters': 'karakter', 'limit.not_empty': 'tidak kosong',
  'try.open': 'Coba', 'try.send': 'Kirim',
};

const english = {
  'heading': 'API documentation',
  'openapi': 'OpenAPI description',
  'home': 'To the front page',
  'token': 'Access token for trying things',
  'token_hint': 'From the answer of user-service to POST /api/v1/auth/login; kept on this page only.',
  'token_hint.login': 'From the answer to POST /api/v1/auth/login; filled in when you try that on this page, and kept nowhere else.',
  'loading': 'Loading …',
  'unreachable': 'The service cannot be reached. Check your connection and try again.',
  'request': 'Request', 'response': 'Answer', 'responses': 'Answers', 'parameters': 'Parameters', 'example': 'Example',
  'column.name': 'Name', 'column.type': 'Type', 'column.text': 'Description', 'column.status': 'Status',
  'required': 'required',
  'limit.between': '{least} to {most}', 'limit.least': 'at least {least}', 'limit.most': 'at most {most}', 'limit.characters': 'characters', 'limit.not_empty': 'not empty',
  'try.open': 'Try it', 'try.send': 'Send',
};

export const { text } = speak(indonesian, english);
