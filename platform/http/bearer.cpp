// SPDX-License-Identifier: Apache-2.0
#include "platform/http/bearer.hpp"

#include "platform/async/runtime.hpp"

#include <fmt/format.h>
#include <boost/beast/core/string.hpp>

#include <algorithm>

namespace micro_sayur::http {
namespace {

constexpr std::size_t most_remembered = 4096;  ///< per core

std::string_view bearer_token(const request& from) {
  constexpr std::string_view scheme = "bearer ";
  const auto header = from.header("authorization");
  if (header.size() <= scheme.size() || !boost::beast::iequals(header.substr(0, scheme.size()), scheme)) return {};
  return header.substr(scheme.size());
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
  if (const auto found = known.find(digest); found != known.end()) {
    if (clock_.now() < found->second->expires_at) co_return found->second;
    known.erase(found);
  }
  auto claims = co_await verify(std::string(token));
  if (known.size() >= most_remembered) known.clear();
  known.emplace(digest, claims);
  co_return claims;
}

async::task<std::shared_ptr<const crypto::access_token_claims>> bearer_authenticator::verify(std::string token) {
  auto keys = co_await keys_(false);
  auto claims = verifier_.verify(token, *keys);
  if (!claims && claims.error() == crypto::jwt_error::unknown_key) {
    keys = co_await keys_(true);
    claims = verifier_.verify(token, *keys);
  }
  if (!claims)
    throw problem_error(
        unauthenticated_problem("invalid_token", fmt::format("The access token is not valid: {}.", crypto::to_string(claims.error()))));
  co_return std::make_shared<const crypto::access_token_claims>(std::move(*claims));
}

}  // namespace micro_sayur::http
