// SPDX-License-Identifier: Apache-2.0
// What an operator can decide about the embedded program; everything has a default.
#pragma once

#include "notification-service/composition/settings.hpp"
#include "platform/program/process.hpp"
#include "user-service/composition/settings.hpp"

#include <filesystem>
#include <string_view>

namespace micro_sayur::embedded {

struct settings {
  std::filesystem::path data;  ///< everything that lasts: databases and keys
  program::process_settings process;
  user_service::settings user;
  notification_service::settings notification;
  notification_service::mailbox mail_from;
  config::network_list mailbox_clients;  ///< who may read the mails, besides this machine
};

/// The folder that is typed as "folder/" too.
std::filesystem::path without_slash(std::string_view typed);

/// MICRO_SAYUR_DATA, HTTP_PORT for the user-service, NOTIFICATION_HTTP_PORT, and what both services take.
settings read_settings(config::reader& from);

}  // namespace micro_sayur::embedded
