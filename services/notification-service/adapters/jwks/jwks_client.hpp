// SPDX-License-Identifier: Apache-2.0
// The public keys of whoever issues access tokens, fetched from its JWKS address.
#pragma once

#include "platform/async/task.hpp"
#include "platform/base/system.hpp"
#include "platform/crypto/jwk.hpp"
#include "platform/crypto/signing_keys.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

struct jwks_settings {
  std::string url;
  std::chrono::milliseconds deadline{3'000};  ///< of one fetch
  std::size_t size_limit = 64U << 10;
  std::chrono::steady_clock::duration cached = crypto::jwks_cache_time;
  std::chrono::steady_clock::duration between_fetches = std::chrono::seconds(5);  ///< at least, whatever is asked
  std::chrono::steady_clock::duration longest_outage = std::chrono::hours(1);     ///< keys older than that are not used any more
};

/// Gets the document behind a URL. Blocking; throws std::exception with the reason.
using document_fetcher = std::function<std::string(const std::string& url)>;

/// GET with libcurl: http or https, no redirects, status 200, within the deadline and size limit of the settings.
document_fetcher make_http_fetcher(const jwks_settings& with);

/// Told of each fetch that failed.
using fetch_failure_handler = std::function<void(std::string_view reason)>;

/// Callable from every io thread.
class jwks_client {
 public:
  /// Fetches nothing before it is asked. `clock` must outlive this.
  jwks_client(jwks_settings with, document_fetcher fetch, const clock_source& clock, fetch_failure_handler on_failure);
  ~jwks_client();

  /// The keys, at most `cached` old, or newly fetched with `refresh` unless that was just done. Callers at the same time share one
  /// fetch. While the address does not answer the keys known before stay in use for `longest_outage`; when there are none this
  /// throws http::problem_error (unavailable).
  async::task<std::shared_ptr<const crypto::jwk_set>> keys(bool refresh);

 private:
  struct state;
  std::shared_ptr<state> state_;
};

}  // namespace micro_sayur::notification_service
