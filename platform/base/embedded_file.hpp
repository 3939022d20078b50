// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace micro_sayur {

/// A text file that was built into the program (cmake/embed_files.cmake). Static storage.
struct embedded_file {
  std::string_view name;  ///< path below the embedded folder, such as "id/welcome.txt"
  std::string_view text;
};

}  // namespace micro_sayur
