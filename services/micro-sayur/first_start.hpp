// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/base/system.hpp"
#include "user-service/composition/settings.hpp"

#include <filesystem>
#include <optional>
#include <string_view>

namespace micro_sayur::embedded {

/// Makes the folder, readable by this user only, and locks it for the life of the process. Throws config::faults when another
/// process holds it, or it cannot be made or written.
class data_folder {
 public:
  explicit data_folder(const std::filesystem::path& path);
  ~data_folder();
  data_folder(const data_folder&) = delete;
  data_folder& operator=(const data_folder&) = delete;

 private:
  int lock_ = -1;
};

/// In the data folder: what each service keeps, and the lock of whoever uses it.
inline constexpr std::string_view user_database_file = "user-service.sqlite";
inline constexpr std::string_view notification_database_file = "notification-service.sqlite";
inline constexpr std::string_view lock_file = "in-use";
/// There while a restore is under way, and for ever when it was killed: databases may be absent or cut off.
inline constexpr std::string_view unfinished_restore_file = "restore-unfinished";

/// Throws config::faults when a restore into the folder was not finished.
void expect_whole(const std::filesystem::path& data);

/// The administrator of an instance whose operator named none: admin@localhost with a random password, which the file admin-password in
/// `data` holds from the first start on. It is told on stderr once. nullopt without the file in a folder that was in use before: that has
/// an administrator.
std::optional<user_service::first_admin> default_admin(const std::filesystem::path& data, random_source& random);

}  // namespace micro_sayur::embedded
