// SPDX-License-Identifier: Apache-2.0
#include "micro-sayur/embedded_settings.hpp"

namespace micro_sayur::embedded {
namespace {

constexpr std::string_view default_sender = "MICRO-SAYUR <noreply@sayur.localhost>";

}  // namespace

std::filesystem::path without_slash(std::string_view typed) {
  while (typed.size() > 1 && (typed.ends_with('/') || typed.ends_with("/."))) typed.remove_suffix(1);
  return typed;
}

settings read_settings(config::reader& from) {
  settings out;
  out.data = without_slash(from.text("MICRO_SAYUR_DATA", "folder of the databases and keys", ".data"));
  const auto keys = (out.data / "keys").string();
  out.user = user_service::read_settings(from, {.jwt_keys_dir = keys});
  out.user.make_missing_keys = true;
  out.notification = notification_service::read_settings(from, "NOTIFICATION_HTTP_PORT");
  out.notification.http.host = program::read_host(from, "NOTIFICATION_HTTP_HOST");
  out.mail_from = notification_service::read_mail_from(from, default_sender);
  out.mailbox_clients =
      from.networks("MAILBOX_CLIENTS", "networks that may read every mail at /mailbox through a forwarded port, as this machine may");
  out.process = program::read_process_settings(from);
  return out;
}

}  // namespace micro_sayur::embedded
