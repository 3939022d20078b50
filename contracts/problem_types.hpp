// SPDX-License-Identifier: Apache-2.0
// Every error code that an HTTP answer can carry, once. docs/errors.md is made from this file (tools/docs/errors.py).
#pragma once

#include <array>
#include <string_view>

namespace micro_sayur {

/// A kind of problem (RFC 9457 section 3.1): `type` is "/problems/<code>".
struct problem_type {
  std::string_view code;
  unsigned status;
  std::string_view title;

  bool operator==(const problem_type& other) const { return code == other.code; }
};

namespace problems {

inline constexpr problem_type bad_request{"bad_request", 400, "The request is not acceptable"};
inline constexpr problem_type malformed_json{"malformed_json", 400, "The body is not acceptable JSON"};
inline constexpr problem_type invalid_cursor{"invalid_cursor", 400, "The cursor was not made by this service"};
inline constexpr problem_type unauthenticated{"unauthenticated", 401, "A valid access token is required"};
inline constexpr problem_type invalid_credentials{"invalid_credentials", 401, "E-mail address or password is wrong"};
inline constexpr problem_type invalid_refresh_token{"invalid_refresh_token", 401, "The refresh token is not valid"};
inline constexpr problem_type refresh_token_reused{"refresh_token_reused", 401, "The refresh token was used before; its session was ended"};
inline constexpr problem_type account_disabled{"account_disabled", 403, "The account is disabled"};
inline constexpr problem_type forbidden{"forbidden", 403, "This caller may not do this"};
inline constexpr problem_type not_found{"not_found", 404, "There is nothing at this address"};
inline constexpr problem_type method_not_allowed{"method_not_allowed", 405, "This address does not take this method"};
inline constexpr problem_type request_timeout{"request_timeout", 408, "The request did not arrive in time"};
inline constexpr problem_type idempotency_key_in_use{"idempotency_key_in_use", 409, "A request with this Idempotency-Key is still running"};
inline constexpr problem_type content_erased{"content_erased", 409, "The content of this notification has been erased"};
inline constexpr problem_type not_retryable{"not_retryable", 409, "Only a failed notification can be tried again"};
inline constexpr problem_type precondition_failed{"precondition_failed", 412, "The resource has changed since the version in If-Match"};
inline constexpr problem_type payload_too_large{"payload_too_large", 413, "The body is larger than this address takes"};
inline constexpr problem_type unsupported_media_type{"unsupported_media_type", 415, "The media type of the body is not supported here"};
inline constexpr problem_type misdirected_request{"misdirected_request", 421, "This is not served under the name that was asked for"};
inline constexpr problem_type validation_failed{"validation_failed", 422, "Fields of the request are not valid"};
inline constexpr problem_type unknown_field{"unknown_field", 422, "The request has fields that are not known"};
inline constexpr problem_type unknown_parameter{"unknown_parameter", 422, "The query has parameters that are not known, or one twice"};
inline constexpr problem_type invalid_token{"invalid_token", 422, "The token is unknown, expired or was used before"};
inline constexpr problem_type idempotency_key_reused{"idempotency_key_reused", 422, "The Idempotency-Key was used for another request"};
inline constexpr problem_type too_many_attempts{"too_many_attempts", 429, "Too many failed attempts; wait before the next one"};
inline constexpr problem_type rate_limited{"rate_limited", 429, "Too many requests from this address; wait before the next one"};
inline constexpr problem_type header_too_large{"header_too_large", 431, "The header of the request is too large"};
inline constexpr problem_type internal_error{"internal_error", 500, "The service failed to answer; the fault is ours"};
inline constexpr problem_type not_implemented{"not_implemented", 501, "The request needs what this service cannot do"};
inline constexpr problem_type unavailable{"unavailable", 503, "The service cannot answer now; try again"};
inline constexpr problem_type overloaded{"overloaded", 503, "The service has too much to do now; try again"};
inline constexpr problem_type gateway_timeout{"gateway_timeout", 504, "The service did not answer in time"};

inline constexpr std::array all{bad_request,
                                malformed_json,
                                invalid_cursor,
                                unauthenticated,
                                invalid_credentials,
                                invalid_refresh_token,
                                refresh_token_reused,
                                account_disabled,
                                forbidden,
                                not_found,
                                method_not_allowed,
                                request_timeout,
                                idempotency_key_in_use,
                                content_erased,
                                not_retryable,
                                precondition_failed,
                                payload_too_large,
                                unsupported_media_type,
                                misdirected_request,
                                validation_failed,
                                unknown_field,
                                unknown_parameter,
                                invalid_token,
                                idempotency_key_reused,
                                too_many_attempts,
                                rate_limited,
                                header_too_large,
                                internal_error,
                                not_implemented,
                                unavailable,
                                overloaded,
                                gateway_timeout};

}  // namespace problems
}  // namespace micro_sayur
