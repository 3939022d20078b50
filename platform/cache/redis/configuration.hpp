// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/redis/redis.hpp"
#include "platform/config/reader.hpp"

#include <string>
#include <string_view>

namespace micro_sayur::cache::redis {

/// The variables REDIS_*.
settings read_settings(config::reader& from);

/// What to look at when the server is lost for this reason.
std::string advice(std::string_view why);

}  // namespace micro_sayur::cache::redis
