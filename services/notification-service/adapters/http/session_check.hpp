// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/async/task.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/http/message.hpp"

#include <functional>

namespace micro_sayur::notification_service {

/// Whether the session of the request's token, whose claims were verified, is live: a token outlives a logout. Called on any io thread;
/// both arguments live until the task ends. Throws http::problem_error (unavailable) when nobody can tell: nothing fails open.
using session_check = std::function<async::task<bool>(const http::request&, const crypto::access_token_claims&)>;

}  // namespace micro_sayur::notification_service
