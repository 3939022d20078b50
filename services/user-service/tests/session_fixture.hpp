// SPDX-License-Identifier: Apache-2.0
// Everything that signing in, staying signed in and a new password need, on fakes.
#pragma once

#include "platform/crypto/signing_keys.hpp"
#include "user-service/app/log_in.hpp"
#include "user-service/app/log_out.hpp"
#include "user-service/app/request_password_reset.hpp"
#include "user-service/app/reset_password.hpp"
#include "user-service/app/rotate_refresh_token.hpp"
#include "user-service/tests/fakes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace micro_sayur::user_service::test {

using namespace std::chrono_literals;

inline std::filesystem::path make_key_folder(world& in) {
  std::string name = std::filesystem::temp_directory_path() / "micro-sayur-keys-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
  crypto::generate_key(name, in.ids);
  return name;
}

class Sessions : public testing::Test {
 protected:
  Sessions() { world.make_account("budi@example.com", "right"); }
  ~Sessions() override { std::filesystem::remove_all(folder); }

  log_in::outcome log_in_with(const std::string& password, const std::string& email = "budi@example.com") {
    return run(logging_in.run(typed(password, email)));
  }
  static credentials typed(const std::string& password, const std::string& email = "budi@example.com", std::string device = "") {
    return {.email = email,
            .password = crypto::password(std::string(password)),
            .device_token = std::move(device),
            .from = {.request_id = "request-1", .traceparent = "", .network = "192.0.2.1"}};
  }
  rotate_refresh_token::outcome refresh(const std::string& token) { return run(refreshing.run(token, {})); }
  void ask_for_reset(const std::string& email) {
    EXPECT_FALSE(run(requesting.run(email, {})));
    run(world.requests.settle_some());
  }
  token_pair tokens() { return std::get<token_pair>(log_in_with("right")); }

  test::world world;
  const std::filesystem::path folder = make_key_folder(world);
  const crypto::signing_keys keys{folder, world.clock, [](std::string_view, std::string_view) {}};
  const token_issuer issuer{world.env, keys, {.issuer = "issuer", .audience = "audience"}};
  open_session opening{world.env, world.stores, issuer, world.devices};
  log_in logging_in{world.passwords, opening, world.security};
  log_out logging_out{world.stores, world.verdicts, world.security};
  rotate_refresh_token refreshing{world.env, world.stores, world.verdicts, issuer, world.security};
  request_password_reset requesting{world.env, world.requests, world.allowance};
  reset_password resetting{world.env, world.stores, world.verdicts, world.hasher, world.throttle, world.devices, world.security};
};

}  // namespace micro_sayur::user_service::test
