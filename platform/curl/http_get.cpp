// SPDX-License-Identifier: Apache-2.0
#include "platform/curl/http_get.hpp"

#include "platform/curl/easy_handle.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace micro_sayur::curl {
namespace {

struct received {
  std::string body;
  std::size_t limit;
};

std::size_t on_body(char* text, std::size_t size, std::size_t count, void* into) {
  auto& [body, limit] = *static_cast<received*>(into);
  if (body.size() + size * count > limit) return 0;
  body.append(text, size * count);
  return size * count;
}

}  // namespace

get_answer get(const get_request& what) {
  easy_handle handle;
  string_list lines;
  received answer{.body = {}, .limit = what.size_limit};
  for (const auto& each : what.header_lines) lines = append(std::move(lines), each);
  handle.set(CURLOPT_URL, what.url);
  handle.set(CURLOPT_PROTOCOLS_STR, std::string("http,https"));
  handle.set(CURLOPT_PROXY, std::string());                                          // the address is one of ours
  handle.set(CURLOPT_TIMEOUT_MS, std::max<std::int64_t>(what.deadline.count(), 1));  // 0 would be no deadline
  if (lines) handle.set_pointer(CURLOPT_HTTPHEADER, lines.get());
  handle.set_pointer(CURLOPT_WRITEFUNCTION, &on_body);
  handle.set_pointer(CURLOPT_WRITEDATA, &answer);
  const auto code = handle.perform();
  if (code == CURLE_WRITE_ERROR) throw std::runtime_error(fmt::format("{} answers with more than {} bytes", what.url, what.size_limit));
  if (code != CURLE_OK) throw std::runtime_error(fmt::format("{}: {}", what.url, handle.describe(code)));
  return {.status = handle.response_code(), .body = std::move(answer.body)};
}

}  // namespace micro_sayur::curl
