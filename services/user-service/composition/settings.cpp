// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/settings.hpp"

#include "platform/config/smtputf8.hpp"
#include "platform/crypto/password.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/domain/password_policy.hpp"
#include "user-service/domain/password_text.hpp"

#include <algorithm>

namespace micro_sayur::user_service {
namespace {

using namespace std::chrono_literals;

new_address_rules read_new_address_rules(config::reader& from) {
  return {.dotless = from.development() ? dotless_domain::allowed : dotless_domain::refused,
          .local = config::read_smtputf8(from) == config::smtputf8::no ? local_parts::ascii : local_parts::any};
}

std::string read_country_code(config::reader& from) {
  auto code = from.text("DEFAULT_COUNTRY_CODE", "country calling code of telephone numbers that begin with 0, such as 62", "62");
  const bool is_code =
      !code.empty() && code.size() <= 3 && code.front() != '0' && std::ranges::all_of(code, [](char c) { return c >= '0' && c <= '9'; });
  if (!is_code)
    from.add_fault("DEFAULT_COUNTRY_CODE", "\"" + code + "\" is no country calling code", "give 1 to 3 digits without +, such as 62");
  return code;
}

std::optional<first_admin> read_admin(config::reader& from, const new_address_rules& rules) {
  const auto email = from.optional_text(
      "ADMIN_EMAIL", "address of the first administrator, made when no account has it; micro-sayur's own is admin@localhost");
  auto password = from.optional_secret("ADMIN_PASSWORD", "the first administrator's password");
  if (email.has_value() != from.secret_is_set("ADMIN_PASSWORD"))
    from.add_fault("ADMIN_EMAIL", "goes with ADMIN_PASSWORD_FILE", "set both, or neither");
  if (email)
    if (const auto address = parse_new_email_address(*email, rules); !address)
      from.add_fault("ADMIN_EMAIL", "\"" + *email + "\" is not acceptable", "it " + address.error().message);
  if (!email || !password) return std::nullopt;
  const crypto::password mapped(opaque_string(password->read()));
  if (const auto refusal = judge_password(mapped.text(), *email, "Administrator"))
    from.add_fault("ADMIN_PASSWORD_FILE", "the password in it " + refusal->message, "put a better one into it");
  return first_admin{*email, std::move(*password)};
}

}  // namespace

settings read_settings(config::reader& from, const settings_defaults& defaults) {
  settings out;
  out.http = program::read_http_settings(from, "HTTP_PORT", 8080);
  out.public_base_url = from.url("PUBLIC_BASE_URL", "what links in mails begin with; may have a path", "http://127.0.0.1:8080");
  out.jwt_keys_dir = from.text("JWT_KEYS_DIR",
                               "folder of <kid>.pem, the key pairs that sign access tokens, and <id>.key, from which other secrets are "
                               "derived; missing ones are made by micro-sayur, and with APP_ENV=development",
                               defaults.jwt_keys_dir);
  out.make_missing_keys = from.development();
  out.jwt_issuer = from.text("JWT_ISSUER", "iss of access tokens", "micro-sayur");
  out.jwt_audience = from.text("JWT_AUDIENCE", "aud of access tokens", "micro-sayur");
  out.verify_lifetime = from.duration("VERIFY_TTL", "how long a verification link works", 24h, 60s);
  out.reset_lifetime = from.duration("RESET_TTL", "how long a link to a new password works", 1h, 60s);
  out.outbox_lifetime =
      from.duration("OUTBOX_TTL", "how long an event is kept at least after it was published, sealed, for `outbox replay`", 1h);
  out.country_code = read_country_code(from);
  out.new_addresses = read_new_address_rules(from);
  out.admin = read_admin(from, out.new_addresses);
  return out;
}

}  // namespace micro_sayur::user_service
