// SPDX-License-Identifier: Apache-2.0
// The bodies of requests and answers. Each is described once; parsing, validation, serialisation and OpenAPI follow from it.
#pragma once

#include "platform/base/time.hpp"
#include "platform/http/router.hpp"
#include "platform/json/about.hpp"
#include "user-service/app/token_issuer.hpp"
#include "user-service/domain/account.hpp"
#include "user-service/domain/profile_changes.hpp"

#include <boost/describe/class.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::user_service::dto {

struct register_request {
  std::string email;
  std::string password;
  std::string name;
  std::optional<std::string> locale;
};
BOOST_DESCRIBE_STRUCT(register_request, (), (email, password, name, locale))

struct register_answer {
  std::string status;
};
BOOST_DESCRIBE_STRUCT(register_answer, (), (status))

struct verify_email_request {
  std::string token;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(verify_email_request, (), (token, password))

struct credentials {
  std::string email;
  std::string password;
  std::optional<std::string> device_token;
};
BOOST_DESCRIBE_STRUCT(credentials, (), (email, password, device_token))

struct refresh_request {
  std::string refresh_token;
};
BOOST_DESCRIBE_STRUCT(refresh_request, (), (refresh_token))

struct email_request {
  std::string email;
};
BOOST_DESCRIBE_STRUCT(email_request, (), (email))

struct reset_password_request {
  std::string token;
  std::string password;
};
BOOST_DESCRIBE_STRUCT(reset_password_request, (), (token, password))

struct user {
  uuid id;
  std::string email;
  std::string name;
  std::optional<std::string> phone;
  std::optional<std::string> address;
  std::optional<double> lat;
  std::optional<double> lng;
  std::string locale;
  std::vector<std::string> roles;
  bool email_verified = true;
  timestamp created_at;
  timestamp updated_at;
};
BOOST_DESCRIBE_STRUCT(user, (), (id, email, name, phone, address, lat, lng, locale, roles, email_verified, created_at, updated_at))

struct login_answer {
  std::string access_token;
  std::string token_type;
  std::int64_t expires_in;
  std::string refresh_token;
  std::int64_t refresh_expires_in;
  std::optional<std::string> device_token;
  dto::user user;
};
BOOST_DESCRIBE_STRUCT(login_answer, (), (access_token, token_type, expires_in, refresh_token, refresh_expires_in, device_token, user))

struct reset_password_answer {
  std::string email;
  std::string device_token;
};
BOOST_DESCRIBE_STRUCT(reset_password_answer, (), (email, device_token))

struct profile_patch {
  json::patch<std::string> name;
  json::patch<std::string> phone;
  json::patch<std::string> address;
  json::patch<double> lat;
  json::patch<double> lng;
  json::patch<std::string> locale;
};
BOOST_DESCRIBE_STRUCT(profile_patch, (), (name, phone, address, lat, lng, locale))

user to_user(const account& from);
login_answer to_login_answer(const token_pair& from);
profile_changes to_changes(const profile_patch& from);
/// The header by which who names no locale that we have texts for is answered.
http::parameter accept_language_parameter();
std::vector<json::fault> to_faults(field_faults from);

}  // namespace micro_sayur::user_service::dto

namespace micro_sayur::json {

namespace dto = user_service::dto;

// Longer than any valid value: what is merely too long is judged by the domain, what is absurd is refused here.
inline constexpr std::size_t longest_email = 254;
inline constexpr std::size_t longest_token = 512;
inline constexpr std::size_t longest_typed_password = 1024;

inline constexpr field_rule email_rule{.field = "email",
                                       .description = "The limit counts bytes of UTF-8",
                                       .max_length = longest_email,
                                       .format = "email",
                                       .example = "budi@example.com"};
inline constexpr field_rule new_email_rule{
    .field = "email",
    .description = "The limit counts bytes of UTF-8. Before the @ only ASCII where the mail server takes nothing else (`not_deliverable`)",
    .max_length = longest_email,
    .format = "email",
    .example = "budi@example.com"};
inline constexpr field_rule token_rule{.field = "token", .description = "From the link in the mail", .max_length = longest_token};
inline constexpr field_rule typed_password_rule{.field = "password", .max_length = longest_typed_password, .format = "password"};
inline constexpr field_rule new_password_rule{.field = "password",
                                              .description = "Characters of any kind; refused when it is easily guessed (`too_weak`)",
                                              .min_length = 8,
                                              .max_length = 128,
                                              .format = "password",
                                              .example = "bayam-segar-tiap-pagi"};
inline constexpr field_rule name_rule{
    .field = "name",
    .description = "At most 100 visible characters (grapheme clusters) of at most 400 code points in all, without \"://\"",
    .min_length = 1,
    .example = "Budi Santoso"};
inline constexpr field_rule locale_rule{
    .field = "locale",
    .description = "Language of mails: a tag of BCP 47, looked up among id and en (RFC 4647 section 3.4)",
    .max_length = 100,
    .example = "id-ID"};

template <>
struct about<dto::register_request> {
  static constexpr std::string_view name = "RegisterRequest";
  static constexpr std::array fields{new_email_rule, new_password_rule, name_rule, locale_rule};
};
template <>
struct about<dto::register_answer> {
  static constexpr std::string_view name = "RegisterAnswer";
  static constexpr std::array<field_rule, 0> fields{};
};
template <>
struct about<dto::verify_email_request> {
  static constexpr std::string_view name = "VerifyEmailRequest";
  static constexpr std::array fields{token_rule, field_rule{.field = "password",
                                                            .description = "The password of the registration",
                                                            .max_length = longest_typed_password,
                                                            .format = "password"}};
};
template <>
struct about<dto::credentials> {
  static constexpr std::string_view name = "Credentials";
  static constexpr std::array fields{email_rule, typed_password_rule,
                                     field_rule{.field = "device_token",
                                                .description = "From this client's last login to the account, or reset of its password",
                                                .max_length = longest_token}};
};
template <>
struct about<dto::refresh_request> {
  static constexpr std::string_view name = "RefreshRequest";
  static constexpr std::array fields{field_rule{.field = "refresh_token", .max_length = longest_token}};
};
template <>
struct about<dto::email_request> {
  static constexpr std::string_view name = "EmailRequest";
  static constexpr std::array fields{email_rule};
};
template <>
struct about<dto::reset_password_request> {
  static constexpr std::string_view name = "ResetPasswordRequest";
  static constexpr std::array fields{token_rule, new_password_rule};
};
template <>
struct about<dto::reset_password_answer> {
  static constexpr std::string_view name = "ResetPasswordAnswer";
  static constexpr std::array fields{
      field_rule{.field = "email", .description = "Of the account"},
      field_rule{.field = "device_token", .description = "For the login that follows, which strangers then cannot delay"}};
};
template <>
struct about<dto::user> {
  static constexpr std::string_view name = "User";
  static constexpr std::array fields{field_rule{.field = "lat", .description = "Degrees"},
                                     field_rule{.field = "lng", .description = "Degrees"}};
};
template <>
struct about<dto::login_answer> {
  static constexpr std::string_view name = "LoginAnswer";
  static constexpr std::array fields{
      field_rule{.field = "expires_in", .description = "Seconds"}, field_rule{.field = "refresh_expires_in", .description = "Seconds"},
      field_rule{.field = "device_token",
                 .description = "To be kept, and sent with the next login: wrong guesses of strangers then do not "
                                "delay it. `null` after a refresh"}};
};
template <>
struct about<dto::profile_patch> {
  static constexpr std::string_view name = "ProfilePatch";
  static constexpr std::array fields{
      name_rule,
      field_rule{.field = "phone", .description = "Kept as E.164; `null` clears it", .max_length = 32, .example = "+62 812 3456 789"},
      field_rule{.field = "address", .description = "`null` clears it", .max_length = 500},
      field_rule{.field = "lat", .description = "Degrees, together with `lng`; `null` clears it", .minimum = -90, .maximum = 90},
      field_rule{.field = "lng", .description = "Degrees, together with `lat`; `null` clears it", .minimum = -180, .maximum = 180},
      locale_rule};
};

}  // namespace micro_sayur::json
