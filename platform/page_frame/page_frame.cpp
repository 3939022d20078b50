// SPDX-License-Identifier: Apache-2.0
#include "platform/page_frame/page_frame.hpp"

#include <stdexcept>
#include <string>

namespace micro_sayur {

std::string_view content_type_of(std::string_view file_name) {
  if (file_name.ends_with(".html")) return "text/html; charset=utf-8";
  if (file_name.ends_with(".css")) return "text/css; charset=utf-8";
  if (file_name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (file_name.ends_with(".svg")) return "image/svg+xml";
  throw std::logic_error("a page file of unknown kind: " + std::string(file_name));
}

}  // namespace micro_sayur
