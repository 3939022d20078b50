// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/curl/easy_handle.hpp"
#include "notification-service/adapters/jwks/jwks_client.hpp"

#include <fmt/format.h>

namespace micro_sayur::notification_service {
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

document_fetcher make_http_fetcher(const jwks_settings& with) {
  return [deadline = with.deadline, limit = with.size_limit](const std::string& url) {
    curl::easy_handle handle;
    received answer{.body = {}, .limit = limit};
    handle.set(CURLOPT_URL, url);
    handle.set(CURLOPT_PROTOCOLS_STR, std::string("http,https"));
    handle.set(CURLOPT_PROXY, std::string());  // the address is one of ours
    handle.set(CURLOPT_TIMEOUT_MS, deadline.count());
    handle.set_pointer(CURLOPT_WRITEFUNCTION, &on_body);
    handle.set_pointer(CURLOPT_WRITEDATA, &answer);
    const auto code = handle.perform();
    if (code == CURLE_WRITE_ERROR) throw std::runtime_error(fmt::format("{} answers with more than {} bytes", url, limit));
    if (code != CURLE_OK) throw std::runtime_error(fmt::format("{}: {}", url, handle.describe(code)));
    if (handle.response_code() != 200) throw std::runtime_error(fmt::format("{} answers with status {}", url, handle.response_code()));
    return answer.body;
  };
}

}  // namespace micro_sayur::notification_service
