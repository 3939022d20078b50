// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/configuration.hpp"

namespace micro_sayur::cache::redis {

settings read_settings(config::reader& from) {
  settings out;
  out.host = from.required_text("REDIS_HOST", "name or address of the Redis server");
  out.port = from.port("REDIS_PORT", "its port", 6379);
  if (const auto password = from.optional_secret("REDIS_PASSWORD", "Redis's password, where it has one"))
    out.password = [secret = *password] { return secret.read(); };
  out.tls = from.boolean("REDIS_TLS", "TLS to Redis", false);
  out.ca_file = from.text("REDIS_CA_FILE", "certificate authorities of Redis (PEM)", "");
  return out;
}

}  // namespace micro_sayur::cache::redis
