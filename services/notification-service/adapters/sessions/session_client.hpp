// SPDX-License-Identifier: Apache-2.0
// Whether a session is live, asked of the user-service each time: its own verdict is at most a second old.
#pragma once

#include "platform/async/offload_pool.hpp"
#include "platform/async/task.hpp"
#include "platform/http/message.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace micro_sayur::notification_service {

struct session_client_settings {
  std::string user_service_url;               ///< without a slash at its end
  std::chrono::milliseconds deadline{2'000};  ///< of one question, waiting for a thread included
  std::size_t threads = 4;
  std::size_t most_waiting = 64;
};

/// Callable from every io thread. Destroying it waits for the questions that are on their way; the cores on which they are awaited
/// must live still.
class session_client {
 public:
  /// Told of each question that got no verdict; called on the asking io thread.
  using failure_handler = std::function<void(std::string_view reason)>;

  session_client(session_client_settings with, failure_handler on_failure);

  /// The user-service's verdict on the request's Authorization header. Throws http::problem_error (unavailable) when it gives none, and
  /// async::overloaded when too many questions wait.
  async::task<bool> is_live(const http::request& from);

 private:
  telemetry::span begin_span(const async::executor& here) const;

  const session_client_settings with_;
  const failure_handler on_failure_;
  async::offload_pool threads_;
};

}  // namespace micro_sayur::notification_service
