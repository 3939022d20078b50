// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "user-service/app/verify_email.hpp"
#include "user-service/tests/session_fixture.hpp"

namespace micro_sayur::user_service::test {

/// Confirms addresses in a world, with a folder of keys of its own.
class verification {
 public:
  explicit verification(world& in) : world_(in) {}
  ~verification() { std::filesystem::remove_all(folder_); }
  verification(const verification&) = delete;
  verification& operator=(const verification&) = delete;

  verify_email::outcome run(std::string token, std::string password) {
    return test::run(verifying_.run(std::move(token), crypto::password(std::move(password)), {}));
  }

  /// The account that the token and the password make.
  std::optional<account> made(std::string token, std::string password) {
    const auto outcome = run(std::move(token), std::move(password));
    const auto* tokens = std::get_if<token_pair>(&outcome);
    return tokens == nullptr ? std::nullopt : std::optional(tokens->owner);
  }

 private:
  world& world_;
  const std::filesystem::path folder_ = make_key_folder(world_);
  const crypto::signing_keys keys_{folder_, world_.clock, [](std::string_view, std::string_view) {}};
  const token_issuer issuer_{world_.env, keys_, {.issuer = "issuer", .audience = "audience"}};
  open_session opening_{world_.env, world_.stores, issuer_, world_.devices};
  verify_email verifying_{world_.env, world_.stores, world_.passwords, opening_, world_.security};

 public:
  log_in logging_in{world_.passwords, opening_, world_.security};
};

}  // namespace micro_sayur::user_service::test
