// SPDX-License-Identifier: Apache-2.0
// A folder of keys, and tokens made by hand.
#pragma once

#include "platform/crypto/digest.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <stdlib.h>

#include <filesystem>
#include <fstream>

namespace micro_sayur::crypto::test {

/// A clock at the machine's time, without a fraction of a second: tokens have none, and files are as old as they are.
inline manual_clock clock_of_this_second() {
  return manual_clock(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

class temporary_folder {
 public:
  temporary_folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "keys-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~temporary_folder() { std::filesystem::remove_all(path_); }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

 private:
  std::filesystem::path path_;
};

inline jwk new_key(std::string_view kid) { return jwk::from_private_pem(kid, jwk::generate_private_pem()).value(); }

inline access_token_claims claims_at(timestamp now) {
  const auto begin = std::chrono::floor<std::chrono::seconds>(now);
  return {.issuer = "https://sayur.example",
          .audience = "micro-sayur",
          .subject = *uuid::parse("019abcde-0000-7000-8000-000000000001"),
          .session = *uuid::parse("019abcde-0000-7000-8000-000000000002"),
          .roles = {"customer", "admin"},
          .issued_at = begin,
          .expires_at = begin + std::chrono::minutes(10),
          .id = *uuid::parse("019abcde-0000-7000-8000-000000000003")};
}

/// For headers that no key would sign.
inline std::string unsigned_token(std::string_view header, std::string_view payload, std::string_view signature = "AAAA") {
  return to_base64url(header) + "." + to_base64url(payload) + "." + std::string(signature);
}

}  // namespace micro_sayur::crypto::test
