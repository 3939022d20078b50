// SPDX-License-Identifier: Apache-2.0
// The device tokens of logins and new passwords on this browser: with them wrong guesses of strangers do not delay a login. They open nothing.
const key = (email) => `device-token ${email.trim().toLowerCase()}`;

export function rememberDevice(email, token) {
  try {
    localStorage.setItem(key(email), token);
  } catch {
    // A browser that stores nothing signs in as a stranger does.
  }
}

/** The token of an earlier login with that address, or undefined. */
export function deviceToken(email) {
  try {
    return localStorage.getItem(key(email)) ?? undefined;
  } catch {
    return undefined;
  }
}
