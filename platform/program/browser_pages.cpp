// SPDX-License-Identifier: Apache-2.0
#include "platform/program/browser_pages.hpp"

#include "platform/base/embedded_file.hpp"
#include "platform/crypto/digest.hpp"
#include "platform/page_frame/page_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <stdexcept>

namespace micro_sayur::program {

extern const std::span<const embedded_file> browser_page_files;

namespace {

constexpr std::string_view home_begin = "<!-- home -->";
constexpr std::string_view home_end = "<!-- /home -->";
constexpr std::string_view home_placeholder = "{{home}}";

std::string_view file_in(std::span<const embedded_file> files, std::string_view name) {
  const auto found = std::find_if(files.begin(), files.end(), [&](const embedded_file& each) { return each.name == name; });
  if (found == files.end()) throw std::logic_error("there is no file " + std::string(name));
  return found->text;
}

std::string_view between(std::string_view text, std::string_view begin, std::string_view end) {
  const auto from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

/// The style that stands in the page is the only thing that it may use.
std::string policy_of(std::string_view page) {
  auto digest = crypto::to_base64url(crypto::sha256(between(page, "<style>", "</style>")));
  std::replace(digest.begin(), digest.end(), '-', '+');
  std::replace(digest.begin(), digest.end(), '_', '/');
  return fmt::format("default-src 'none'; style-src 'sha256-{}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'", digest);
}

/// From "/a/b" to "/", behind any prefix: "../".
std::string way_home(std::string_view path) {
  std::string way = "./";
  for (auto slash = path.find('/', 1); slash != std::string_view::npos; slash = path.find('/', slash + 1)) way += "../";
  return way;
}

std::string with_home(std::string page, const std::string& home) {
  for (auto begin = page.find(home_begin); begin != std::string::npos; begin = page.find(home_begin, begin)) {
    const auto end = page.find(home_end, begin) + home_end.size();
    const auto inner = std::string(between(page.substr(begin, end - begin), home_begin, home_end));
    page.replace(begin, end - begin, home.empty() ? "" : inner);
  }
  for (auto at = page.find(home_placeholder); at != std::string::npos; at = page.find(home_placeholder, at))
    page.replace(at, home_placeholder.size(), home);
  return page;
}

bool has_front_page(const http::router& routes) { return routes.find(http::method::get, "/").found != nullptr; }

http::route favicon_route() {
  const auto icon = file_in(page_frame_files, "leaf.svg");
  return {.verb = http::method::get, .path = "/favicon.ico", .handle = [icon](http::request&) -> async::task<http::response> {
            http::response answer(200, std::string(content_type_of("leaf.svg")), std::string(icon));
            answer.with("Cache-Control", "public, max-age=86400");
            co_return answer;
          }};
}

}  // namespace

std::function<http::response(const http::request&)> not_found_page(const http::router& routes) {
  const auto page = file_in(browser_page_files, "not-found.html");
  return [&routes, page, policy = policy_of(page)](const http::request& from) {
    http::response answer(404, std::string(content_type_of("not-found.html")),
                          with_home(std::string(page), has_front_page(routes) ? way_home(from.path) : ""));
    answer.with("Content-Security-Policy", policy)
        .with("Referrer-Policy", "no-referrer")
        .with("Cache-Control", "no-store")
        .with("Content-Language", "id, en");
    return answer;
  };
}

std::vector<http::route> shared_page_routes(const http::router& routes) {
  std::vector<http::route> all{favicon_route()};
  for (const auto& file : page_frame_files) all.push_back(page_route(page_of(file)));
  for (const auto& file : docs_page_files) {
    auto made = page_of(file);
    made.body = with_home(std::move(made.body), has_front_page(routes) ? way_home(made.path) : "");
    all.push_back(page_route(std::move(made)));
  }
  return all;
}

}  // namespace micro_sayur::program
