// SPDX-License-Identifier: Apache-2.0
#include "user-service/adapters/http/profile_endpoints.hpp"

#include "platform/http/body.hpp"
#include "platform/http/entity_tag.hpp"
#include "platform/json/encode.hpp"
#include "platform/telemetry/tracing/scope.hpp"
#include "user-service/adapters/http/authenticate.hpp"
#include "user-service/adapters/http/dto.hpp"

#include <fmt/format.h>

#include <charconv>
#include <string>

namespace micro_sayur::user_service {
namespace {

using http::method;
using http::problem;
using http::request;
using http::response;

std::shared_ptr<const rendered_profile> render(const account& of) {
  return std::make_shared<const rendered_profile>(rendered_profile{json::encode(dto::to_user(of)), std::to_string(of.version)});
}

std::string etag_of(const rendered_profile& profile) { return fmt::format("\"{}\"", profile.tag); }

response profile_response(const rendered_profile& profile) {
  auto answer = http::json_response(200, profile.body);
  answer.with("ETag", etag_of(profile));
  return answer;
}

http::problem_error no_account() {
  return http::problem_error(http::unauthenticated_problem("invalid_token", "The account does not exist any more."));
}

async::task<response> get_profile(const profile_use_cases& with, request& from) {
  const auto claims = co_await with.bearer.authenticate(from);
  const auto known = http::read_named_tags(from, "if-none-match");
  auto profile = with.cache.find(claims->subject);
  if (profile) {
    if (!co_await with.verdicts.is_live(claims->session)) throw session_ended();
  } else {
    const auto generation = with.cache.generation();
    const auto found = co_await with.verdicts.find_owner(claims->session);
    if (!found) throw session_ended();
    profile = render(*found);
    with.cache.keep(claims->subject, profile, generation);
  }
  if (known && known->match_weakly(profile->tag)) {
    response unchanged(304, {}, {});
    unchanged.with("ETag", etag_of(*profile));
    co_return unchanged;
  }
  co_return profile_response(*profile);
}

/// The version that a strong entity tag of ours stands for, or one that no account has.
std::int64_t version_of(const http::entity_tag& tag) {
  std::int64_t version = -1;
  const auto* const end = tag.opaque.data() + tag.opaque.size();
  const auto [read, error] = std::from_chars(tag.opaque.data(), end, version);
  return error == std::errc() && read == end && !tag.weak ? version : -1;
}

/// The versions that If-Match names (RFC 9110 section 13.1.1); nullopt without the header or for "*".
std::optional<std::vector<std::int64_t>> expected_versions(const request& from) {
  const auto named = http::read_named_tags(from, "if-match");
  if (!named || named->any) return std::nullopt;
  std::vector<std::int64_t> versions;
  for (const auto& tag : named->tags) versions.push_back(version_of(tag));
  return versions;
}

async::task<response> patch_profile(const profile_use_cases& with, request& from) {
  const auto claims = co_await authenticate(with.bearer, with.verdicts, from);
  auto [body, faults] = http::read_whole_body<dto::profile_patch>(from, {"application/merge-patch+json", "application/json"});
  auto changes = dto::to_changes(body);
  changes.accept_language = from.header_list("accept-language").value_or("");
  if (!faults.empty()) {
    auto more = with.updating.check(changes);
    co_return http::validation_problem(json::join_faults(std::move(faults), dto::to_faults(std::move(more))));
  }
  auto outcome =
      co_await telemetry::in_span("update_profile", with.updating.run(claims->subject, std::move(changes), expected_versions(from)));
  if (auto* changed = std::get_if<account>(&outcome)) {
    with.cache.forget(claims->subject);
    co_await with.note_written(claims->session);
    co_return profile_response(*render(*changed));
  }
  if (std::holds_alternative<update_profile::stale>(outcome))
    co_return problem{.type = problems::precondition_failed, .detail = "Read the profile again; its ETag has changed."};
  if (std::holds_alternative<update_profile::gone>(outcome)) throw no_account();
  co_return http::validation_problem(dto::to_faults(std::get<field_faults>(std::move(outcome))));
}

template <typename Endpoint>
http::handler bind(const profile_use_cases& use_cases, Endpoint endpoint) {
  return [use_cases, endpoint](request& from) -> async::task<response> { return endpoint(use_cases, from); };
}

}  // namespace

std::vector<http::route> profile_routes(const profile_use_cases& with) {
  using http::response_body;
  return {
      {method::get,
       "/api/v1/profile",
       bind(with, get_profile),
       {.id = "getProfile",
        .summary = "The account that the token belongs to",
        .tag = "profile",
        .bearer = true,
        .parameters = {{.name = "If-None-Match", .in = "header", .description = "Entity tags, or *"}},
        .answers = {{200, "The profile, with its ETag", response_body<dto::user>()}, {304, "Not changed"}}}},
      {method::patch,
       "/api/v1/profile",
       bind(with, patch_profile),
       {.id = "updateProfile",
        .summary = "Change the profile by a merge patch (RFC 7396)",
        .tag = "profile",
        .bearer = true,
        .parameters =
            {{.name = "If-Match", .in = "header", .description = "The entity tags of which the profile must still have one, or *"},
             dto::accept_language_parameter()},
        .body = http::request_body<dto::profile_patch>(),
        .body_types = {"application/merge-patch+json", "application/json"},
        .answers = {{200, "The changed profile, with its new ETag", response_body<dto::user>()}},
        .problems = {problems::precondition_failed}}},
  };
}

}  // namespace micro_sayur::user_service
