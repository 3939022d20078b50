// SPDX-License-Identifier: Apache-2.0
#include "user-service/pages/pages.hpp"

#include "platform/page_frame/page_frame.hpp"

namespace micro_sayur::user_service {

extern const std::span<const embedded_file> page_files;

namespace {

constexpr std::string_view mailbox_begin = "<!-- mailbox -->";
constexpr std::string_view mailbox_end = "<!-- /mailbox -->";
constexpr std::string_view mailbox_placeholder = "{{mailbox_url}}";

std::string path_of(std::string_view name) {
  if (name == "index.html") return "/";
  if (name.ends_with(".html")) return "/" + std::string(name.substr(0, name.rfind('.')));
  return "/assets/" + std::string(name);
}

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
  for (const auto files : {page_files, page_frame_files})
    for (const auto& file : files) pages.push_back({path_of(file.name), content_type_of(file.name), with_mailbox(file.text, mailbox_url)});
  return pages;
}

}  // namespace micro_sayur::user_service
