// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/jwt.hpp"

#include "platform/crypto/digest.hpp"
#include "platform/json/encode.hpp"
#include "platform/json/reader.hpp"

#include <fmt/format.h>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <array>

namespace micro_sayur::crypto {
namespace {

using boost::json::object;

constexpr std::string_view access_token_type = "at+jwt";

std::optional<std::array<std::string_view, 3>> split(std::string_view token) {
  if (token.size() > longest_jwt) return std::nullopt;
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return std::nullopt;
  return std::array{token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1)};
}

std::optional<object> decode_object(std::string_view part) {
  const auto text = from_base64url(part);
  if (!text) return std::nullopt;
  auto value = json::parse(*text);
  if (!value || !value->is_object()) return std::nullopt;
  return std::move(value->get_object());
}

std::optional<std::string_view> text_of(const object& from, std::string_view name) {
  const auto* found = from.if_contains(name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string_view(found->get_string());
}

std::optional<uuid> id_of(const object& from, std::string_view name) { return text_of(from, name).and_then(uuid::parse); }

std::optional<std::chrono::sys_seconds> time_of(const object& from, std::string_view name) {
  // Far enough for any token, near enough for microseconds not to overflow.
  constexpr std::int64_t last = 253'402'300'799;  // 9999-12-31T23:59:59Z
  const auto* found = from.if_contains(name);
  if (found == nullptr || !found->is_int64() || found->get_int64() < 0 || found->get_int64() > last) return std::nullopt;
  return std::chrono::sys_seconds(std::chrono::seconds(found->get_int64()));
}

std::optional<std::vector<std::string>> texts_of(const boost::json::value* from) {
  if (from == nullptr || !from->is_array()) return std::nullopt;
  std::vector<std::string> out;
  for (const auto& item : from->get_array()) {
    if (!item.is_string()) return std::nullopt;
    out.emplace_back(item.get_string());
  }
  return out;
}

/// The audience that is wanted when the token names it, else any that it names.
std::optional<std::string> audience_of(const object& from, std::string_view wanted) {
  if (const auto single = text_of(from, "aud")) return std::string(*single);
  const auto several = texts_of(from.if_contains("aud"));
  if (!several || several->empty()) return std::nullopt;
  return std::ranges::find(*several, wanted) != several->end() ? std::string(wanted) : several->front();
}

std::optional<access_token_claims> read_claims(const object& from, std::string_view wanted_audience) {
  const auto issuer = text_of(from, "iss");
  const auto audience = audience_of(from, wanted_audience);
  const auto subject = id_of(from, "sub");
  const auto session = id_of(from, "sid");
  const auto id = id_of(from, "jti");
  const auto issued_at = time_of(from, "iat");
  const auto expires_at = time_of(from, "exp");
  auto roles = texts_of(from.if_contains("roles"));
  if (!issuer || !audience || !subject || !session || !id || !issued_at || !expires_at || !roles) return std::nullopt;
  return access_token_claims{.issuer = std::string(*issuer),
                             .audience = *audience,
                             .subject = *subject,
                             .session = *session,
                             .roles = std::move(*roles),
                             .issued_at = *issued_at,
                             .expires_at = *expires_at,
                             .id = *id};
}

std::optional<jwt_error> fault_of_header(const object& header) {
  if (text_of(header, "alg") != "ES256") return jwt_error::wrong_algorithm;
  // RFC 7515 section 4.1.11: extensions that are critical and not understood.
  if (header.contains("crit")) return jwt_error::malformed;
  const auto type = text_of(header, "typ");
  if (!type || !(boost::algorithm::iequals(*type, access_token_type) || boost::algorithm::iequals(*type, "application/at+jwt")))
    return jwt_error::wrong_type;
  return std::nullopt;
}

constexpr std::size_t es256_signature_bytes = 64;  // RFC 7518 section 3.4

}  // namespace

std::string_view to_string(jwt_error error) {
  switch (error) {
    case jwt_error::malformed: return "malformed";
    case jwt_error::wrong_algorithm: return "wrong_algorithm";
    case jwt_error::wrong_type: return "wrong_type";
    case jwt_error::unknown_key: return "unknown_key";
    case jwt_error::bad_signature: return "bad_signature";
    case jwt_error::bad_claims: return "bad_claims";
    case jwt_error::wrong_issuer: return "wrong_issuer";
    case jwt_error::wrong_audience: return "wrong_audience";
    case jwt_error::expired: return "expired";
    case jwt_error::not_yet_valid: return "not_yet_valid";
  }
  return "malformed";
}

std::string sign_access_token(const access_token_claims& claims, const jwk& key) {
  std::string payload;
  payload.reserve(512);
  const auto append = [&](std::string_view name, const auto& value) {
    payload.push_back(payload.empty() ? '{' : ',');
    json::append_string(payload, name);
    payload.push_back(':');
    json::append(payload, value);
  };
  append("iss", claims.issuer);
  append("aud", claims.audience);
  append("sub", claims.subject);
  append("sid", claims.session);
  append("roles", claims.roles);
  append("iat", std::int64_t{claims.issued_at.time_since_epoch().count()});
  append("exp", std::int64_t{claims.expires_at.time_since_epoch().count()});
  append("jti", claims.id);
  append("client_id", first_party_client);
  payload.push_back('}');
  return key.sign(access_token_type, payload);
}

std::expected<access_token_claims, jwt_error> access_token_verifier::verify(std::string_view token, const jwk_set& keys) const {
  const auto parts = split(token);
  if (!parts) return std::unexpected(jwt_error::malformed);
  const auto& [head, body, signature] = *parts;
  const auto header = decode_object(head);
  // The signature is decoded here as well because cjose ignores the bits beyond its last byte, and a 65th byte.
  const auto raw_signature = from_base64url(signature);
  if (!header || !raw_signature) return std::unexpected(jwt_error::malformed);
  if (const auto fault = fault_of_header(*header)) return std::unexpected(*fault);

  const auto kid = text_of(*header, "kid");
  const auto* key = kid ? keys.find(*kid) : nullptr;
  if (key == nullptr) return std::unexpected(jwt_error::unknown_key);
  if (raw_signature->size() != es256_signature_bytes || !key->verifies(token)) return std::unexpected(jwt_error::bad_signature);

  const auto payload = decode_object(body);
  if (!payload) return std::unexpected(jwt_error::malformed);
  auto claims = read_claims(*payload, audience_);
  const auto not_before = time_of(*payload, "nbf");
  if (!claims || (payload->contains("nbf") && !not_before)) return std::unexpected(jwt_error::bad_claims);
  if (not_before && *not_before > clock_.now() + jwt_leeway) return std::unexpected(jwt_error::not_yet_valid);
  return check(std::move(*claims));
}

std::expected<access_token_claims, jwt_error> access_token_verifier::check(access_token_claims claims) const {
  const auto now = clock_.now();
  if (claims.issuer != issuer_) return std::unexpected(jwt_error::wrong_issuer);
  if (claims.audience != audience_) return std::unexpected(jwt_error::wrong_audience);
  if (claims.expires_at + jwt_leeway <= now) return std::unexpected(jwt_error::expired);
  if (claims.issued_at > now + jwt_leeway) return std::unexpected(jwt_error::not_yet_valid);
  return claims;
}

}  // namespace micro_sayur::crypto
