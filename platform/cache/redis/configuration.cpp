// SPDX-License-Identifier: Apache-2.0
#include "platform/cache/redis/configuration.hpp"

#include "platform/config/advice.hpp"

#include <array>

namespace micro_sayur::cache::redis {

settings read_settings(config::reader& from) {
  settings out;
  out.host = from.required_host("REDIS_HOST", "name or address of the Redis server");
  out.port = from.port("REDIS_PORT", "its port", 6379);
  out.user = from.text("REDIS_USER", "user to log in as, of Redis's ACL", "default");
  if (const auto password = from.optional_secret("REDIS_PASSWORD", "the user's password, where Redis wants one"))
    out.password = [secret = *password] { return secret.read(); };
  out.tls = from.boolean("REDIS_TLS", "TLS to Redis", false);
  from.plaintext("REDIS", out.tls, "REDIS_TLS", "true");
  out.ca_file = from.authorities("REDIS_CA_FILE", "certificate authorities of Redis (PEM)");
  return out;
}

std::string advice(std::string_view why) {
  static constexpr std::array hints{
      config::hint{"WRONGPASS", "it refuses the login: REDIS_USER and REDIS_PASSWORD_FILE"},
      config::hint{"NOAUTH", "it wants a password: REDIS_PASSWORD_FILE"},
      config::hint{"without any password configured", "it has no password: leave REDIS_PASSWORD_FILE out, or give it one"},
      config::hint{"NOPERM", "its ACL does not let this user do this: REDIS_USER, and the rules of docs/operations/servers.md"},
      config::hint{"READONLY", "it is a replica: promote it, or let REDIS_HOST name the primary"},
      config::hint{"OOM", "its memory is full: its maxmemory"},
      config::hint{"MISCONF", "it cannot save to its disk and takes no writes: its log"},
      config::hint{"wrong version number", "it speaks no TLS on this port: REDIS_TLS and REDIS_PORT"},
      config::hint{"certificate", "TLS failed: REDIS_CA_FILE, and whether the certificate names REDIS_HOST"},
      config::hint{"Host not found", "nobody knows the name: REDIS_HOST"},
      config::hint{"End of file", "it hung up: REDIS_TLS, where it wants TLS, and REDIS_PORT"},
      config::hint{"refused", "nothing listens there: whether it runs, REDIS_HOST and REDIS_PORT"},
  };
  return config::advice_for(why, hints, "whether it runs and can be reached, REDIS_HOST and REDIS_PORT");
}

}  // namespace micro_sayur::cache::redis
