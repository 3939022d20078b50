// SPDX-License-Identifier: Apache-2.0
// The Redis store (Redis 7): one pipelined connection per core.
#pragma once

#include "platform/async/runtime.hpp"
#include "platform/cache/cache.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace micro_sayur::cache::redis {

struct settings {
  std::string host = {};
  std::uint16_t port = 6379;
  std::string user = "default";                ///< of its ACL; `default` is who logs in by a password alone
  std::function<std::string()> password = {};  ///< asked at every connection, so that a rotated secret is taken up; may be empty
  bool tls = false;                            ///< the certificate is verified against `host`
  std::string ca_file = {};                    ///< empty: the system's authorities
  std::size_t queue_limit = 10'000;            ///< calls under way, per core
  std::chrono::milliseconds call_timeout{250};
  std::chrono::milliseconds connect_timeout{2000};
};

/// Returns at once; connections are opened in the background and opened again, with a jittered back-off of 100 ms to 2 s, whenever
/// they are lost. While there is none calls fail at once. A refusal by Redis is `unavailable` with Redis's words. Throws
/// std::runtime_error for a CA file that cannot be read. `cores` must outlive the store; `close` it while `cores` runs.
std::unique_ptr<store> connect(async::runtime& cores, settings with);

}  // namespace micro_sayur::cache::redis
