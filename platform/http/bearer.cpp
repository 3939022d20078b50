// SPDX-License-Identifier: Apache-2.0
#include "platform/http/bearer.hpp"

#include "platform/async/runtime.hpp"

#include <fmt/format.h>
#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace micro_sayur::http {
namespace {

constexpr std::size_t most_remembered = 4096;  ///< per core

/// RFC 9110 section 11.4: the scheme, one or more spaces (no tabs), the token.
std::string_view bearer_token(const request& from) {
  constexpr std::string_view scheme = "bearer ";
  const auto header = from.header("authorization");
  if (header.size() <= scheme.size() || !boost::beast::iequals(header.substr(0, scheme.size()), scheme)) return {};
  const auto token = header.find_first_not_of(' ', scheme.size());
  return token == std::string_view::npos ? std::string_view{} : header.substr(token);
}

}  // namespace

problem unauthenticated_problem(std::string_view error, std::string_view detail) {
  return {.type = problems::unauthenticated,
          .detail = std::string(detail),
          .authenticate = error.empty() ? "Bearer" : fmt::format(R"(Bearer error="{}", error_description="{}")", error, detail)};
}

void require_role(const crypto::access_token_claims& claims, std::string_view role) {
  if (std::find(claims.roles.begin(), claims.roles.end(), role) == claims.roles.end())
    throw problem_error({.type = problems::forbidden, .detail = fmt::format("This needs the role '{}'.", role)});
}

bearer_authenticator::bearer_authenticator(const crypto::access_token_verifier& verifier, key_source keys, const clock_source& clock,
                                           std::size_t cores)
    : verifier_(verifier), keys_(std::move(keys)), clock_(clock), cores_(cores) {}

async::task<std::shared_ptr<const crypto::access_token_claims>> bearer_authenticator::authenticate(const request& from) {
  const auto token = bearer_token(from);
  if (token.empty()) throw problem_error(unauthenticated_problem("", "Send the header Authorization: Bearer with an access token."));
  const auto digest = crypto::sha256(token);
  auto& known = cores_[async::runtime::this_core()];
  const auto keys = co_await keys_(false);
  if (const auto found = known.find(digest); found != known.end()) {
    if (found->second.keys == keys && clock_.now() < found->second.claims->expires_at) co_return found->second.claims;
    known.erase(found);
  }
  auto fresh = co_await verify(std::string(token), keys);
  if (known.size() >= most_remembered) known.clear();
  known.insert_or_assign(digest, fresh);
  co_return fresh.claims;
}

async::task<bearer_authenticator::verdict> bearer_authenticator::verify(std::string token, std::shared_ptr<const crypto::jwk_set> keys) {
  auto claims = verifier_.verify(token, *keys);
  if (!claims && claims.error() == crypto::jwt_error::unknown_key) {
    keys = co_await keys_(true);
    claims = verifier_.verify(token, *keys);
  }
  if (!claims)
    throw problem_error(
        unauthenticated_problem("invalid_token", fmt::format("The access token is not valid: {}.", crypto::to_string(claims.error()))));
  co_return verdict{std::make_shared<const crypto::access_token_claims>(std::move(*claims)), std::move(keys)};
}

}  // namespace micro_sayur::http
