// SPDX-License-Identifier: Apache-2.0
#include "platform/page_frame/page_frame.hpp"

#include <memory>
#include <stdexcept>

namespace micro_sayur {
namespace {

std::string path_of(std::string_view name) {
  if (name == "index.html") return "/";
  if (name.ends_with(".html")) return "/" + std::string(name.substr(0, name.rfind('.')));
  return "/assets/" + std::string(name);
}

http::response page_response(const page& what) {
  http::response answer(200, std::string(what.content_type), what.body);
  answer.with("Content-Security-Policy", std::string(content_security_policy))
      .with("Referrer-Policy", "no-referrer")
      .with("Cache-Control", what.path.starts_with("/assets/") ? "public, max-age=300" : "no-store");
  // Pages speak both: as they are sent, and by their script.
  if (what.content_type.starts_with("text/html")) answer.with("Content-Language", "id, en");
  return answer;
}

}  // namespace

std::string_view content_type_of(std::string_view file_name) {
  if (file_name.ends_with(".html")) return "text/html; charset=utf-8";
  if (file_name.ends_with(".css")) return "text/css; charset=utf-8";
  if (file_name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (file_name.ends_with(".svg")) return "image/svg+xml";
  throw std::logic_error("a page file of unknown kind: " + std::string(file_name));
}

page page_of(const embedded_file& file) { return {path_of(file.name), content_type_of(file.name), std::string(file.text)}; }

http::route page_route(page what) {
  // The route's path lives as long as its handler.
  const auto kept = std::make_shared<const page>(std::move(what));
  return {.verb = http::method::get, .path = kept->path, .handle = [kept](http::request&) -> async::task<http::response> {
            co_return page_response(*kept);
          }};
}

}  // namespace micro_sayur
