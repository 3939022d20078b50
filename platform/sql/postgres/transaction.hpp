// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/sql/postgres/lease.hpp"

#include <chrono>
#include <memory>

namespace micro_sayur::sql::postgres {

/// On the lent connection, with a deadline of `call_timeout` for each call; used and destroyed on the core `where`.
std::unique_ptr<transaction> make_transaction(async::executor where, lease line, std::chrono::milliseconds call_timeout);

/// For the core that asked, when the connection is another core's, `where`.
std::unique_ptr<transaction> make_distant_transaction(async::executor where, std::unique_ptr<transaction> inner);

}  // namespace micro_sayur::sql::postgres
