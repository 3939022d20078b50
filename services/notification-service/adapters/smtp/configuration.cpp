// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/smtp/configuration.hpp"

#include "platform/config/advice.hpp"

#include <array>

namespace micro_sayur::notification_service {
namespace {

smtp_tls parse_tls(std::string_view text) {
  if (text == "none") return smtp_tls::none;
  return text == "tls" ? smtp_tls::tls : smtp_tls::starttls;
}

}  // namespace

smtp_settings read_smtp_settings(config::reader& reader, mailbox from) {
  smtp_settings out;
  out.host = reader.required_host("SMTP_HOST", "name or address of the mail server");
  out.port = reader.port("SMTP_PORT", "its port", 587);
  out.tls = parse_tls(reader.one_of("SMTP_TLS", "TLS to the mail server: from the first byte (tls), after STARTTLS, or none",
                                    {"none", "starttls", "tls"}, "starttls"));
  reader.plaintext("SMTP", out.tls != smtp_tls::none, "SMTP_TLS", "starttls or tls");
  out.ca_file = reader.authorities("SMTP_CA_FILE", "certificate authorities of the mail server (PEM)");
  out.username = reader.optional_text("SMTP_USERNAME", "user to log in as, where the server wants one");
  out.password = reader.optional_secret("SMTP_PASSWORD", "the user's password");
  out.beyond_ascii = config::read_smtputf8(reader);
  out.from = std::move(from);
  if (out.username.has_value() != reader.secret_is_set("SMTP_PASSWORD"))
    reader.add_fault("SMTP_USERNAME", "goes with SMTP_PASSWORD_FILE", "set both, or neither");
  if (out.username && out.tls == smtp_tls::none && !reader.development())
    reader.add_fault("SMTP_TLS", "\"none\" would send the password in the clear", "set it to starttls or tls");
  return out;
}

std::string smtp_advice(std::string_view why) {
  static constexpr std::array hints{
      config::hint{"wrong version number", "it speaks no TLS at once on this port: SMTP_TLS (starttls or none) and SMTP_PORT"},
      config::hint{"AUTH: 5", "it refuses the login: SMTP_USERNAME and SMTP_PASSWORD_FILE"},
      config::hint{"Login denied", "it refuses the login: SMTP_USERNAME and SMTP_PASSWORD_FILE"},
      config::hint{"530", "it wants a login, or TLS: SMTP_USERNAME, SMTP_PASSWORD_FILE and SMTP_TLS"},
      config::hint{"STARTTLS", "it offers no STARTTLS: SMTP_TLS and SMTP_PORT"},
      config::hint{"certificate", "TLS failed: SMTP_CA_FILE, and whether the certificate names SMTP_HOST"},
      config::hint{"SSL", "TLS failed: SMTP_TLS, SMTP_PORT and SMTP_CA_FILE"},
      config::hint{"resolve host", "nobody knows the name: SMTP_HOST"},
      config::hint{"refused", "nothing listens there: whether it runs, SMTP_HOST and SMTP_PORT"},
      config::hint{"Failed to connect", "nothing listens there, or nothing gets through: whether it runs, SMTP_HOST and SMTP_PORT"},
      config::hint{"timed out",
                   "it does not answer in time: SMTP_HOST, SMTP_PORT, and SMTP_TLS (a port that wants TLS at once stays silent)"},
  };
  return config::advice_for(why, hints, "whether it runs and can be reached, SMTP_HOST, SMTP_PORT and SMTP_TLS");
}

}  // namespace micro_sayur::notification_service
