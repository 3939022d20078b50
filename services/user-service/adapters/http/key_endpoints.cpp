// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/key_endpoints.hpp"

#include <fmt/format.h>

namespace micro_sayur::user_service {
namespace {

boost::json::object key_set_schema(json::schema_set&) {
  return {{"type", "object"}, {"required", {"keys"}}, {"properties", {{"keys", {{"type", "array"}, {"items", {{"type", "object"}}}}}}}};
}

}  // namespace

std::vector<http::route> key_routes(const crypto::signing_keys& keys) {
  const auto max_age = std::chrono::duration_cast<std::chrono::seconds>(crypto::jwks_cache_time).count();
  const auto get_keys = [&keys, cache_control = fmt::format("public, max-age={}", max_age)](http::request&) -> async::task<http::response> {
    auto answer = http::json_response(200, keys.current()->jwks_json);
    answer.with("Cache-Control", cache_control);
    co_return answer;
  };
  return {{http::method::get,
           "/.well-known/jwks.json",
           get_keys,
           {.id = "getKeys",
            .summary = "The keys that verify access tokens (RFC 7517)",
            .tag = "keys",
            .answers = {{200, "A JWK Set", key_set_schema}}}}};
}

http::key_source key_source_of(const crypto::signing_keys& keys) {
  return [&keys](bool) -> async::task<std::shared_ptr<const crypto::jwk_set>> {
    const auto now = keys.current();
    co_return std::shared_ptr<const crypto::jwk_set>(now, &now->all);
  };
}

}  // namespace micro_sayur::user_service
