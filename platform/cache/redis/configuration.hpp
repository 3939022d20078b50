// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/cache/redis/redis.hpp"
#include "platform/config/reader.hpp"

namespace micro_sayur::cache::redis {

/// The variables REDIS_*.
settings read_settings(config::reader& from);

}  // namespace micro_sayur::cache::redis
