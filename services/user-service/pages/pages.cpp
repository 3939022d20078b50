// SPDX-License-Identifier: Apache-2.0
#include "user-service/pages/pages.hpp"

namespace micro_sayur::user_service {

extern const std::span<const embedded_file> page_files;

namespace {

constexpr std::string_view mailbox_begin = "<!-- mailbox -->";
constexpr std::string_view mailbox_end = "<!-- /mailbox -->";
constexpr std::string_view mailbox_placeholder = "{{mailbox_url}}";

std::string escape_attribute(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    switch (letter) {
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '<': out += "&lt;"; break;
      default: out.push_back(letter);
    }
  }
  return out;
}

std::string with_mailbox(std::string_view text, std::string_view mailbox_url) {
  std::string out(text);
  const auto begin = out.find(mailbox_begin);
  const auto end = out.find(mailbox_end);
  if (begin == std::string::npos || end == std::string::npos) return out;
  if (mailbox_url.empty()) return out.erase(begin, end + mailbox_end.size() - begin);
  return out.replace(out.find(mailbox_placeholder), mailbox_placeholder.size(), escape_attribute(mailbox_url));
}

}  // namespace

std::vector<page> make_pages(std::string_view mailbox_url) {
  std::vector<page> pages;
  for (const auto& file : page_files) {
    pages.push_back(page_of(file));
    pages.back().body = with_mailbox(pages.back().body, mailbox_url);
  }
  return pages;
}

}  // namespace micro_sayur::user_service
