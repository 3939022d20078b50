// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/postgres/lease.hpp"

#include <chrono>
#include <memory>

namespace micro_sayur::sql::postgres {

/// On the lent connection, which is closed at its end, with a deadline of `call_timeout` for each call; used and destroyed on the core
/// `where`.
std::unique_ptr<session> make_session(async::executor where, lease line, std::chrono::milliseconds call_timeout);

}  // namespace micro_sayur::sql::postgres
