// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/jwks/jwks_client.hpp"
#include "platform/curl/http_get.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace micro_sayur::notification_service {

document_fetcher make_http_fetcher(const jwks_settings& with) {
  return [deadline = with.deadline, limit = with.size_limit](const std::string& url) {
    auto answer = curl::get({.url = url, .deadline = deadline, .size_limit = limit});
    if (answer.status != 200) throw std::runtime_error(fmt::format("{} answers with status {}", url, answer.status));
    return std::move(answer.body);
  };
}

}  // namespace micro_sayur::notification_service
