// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/sealing.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

namespace micro_sayur::crypto {
namespace {

struct Sealing : testing::Test {
  system_random random;
  const std::string key = std::string(32, 'k');
  const std::array<std::uint8_t, 16> row{1, 2, 3};
  const std::string text = "https://sayur.example/verify-email?token=t";
};

TEST_F(Sealing, OpensWhatItSealed) {
  for (const auto& each : {text, std::string(), std::string(100'000, 'x')}) EXPECT_EQ(unseal(seal(each, row, key, random), row, key), each);
}

TEST_F(Sealing, ShowsNothingAndNeverTheSame) {
  const auto sealed = seal(text, row, key, random);
  EXPECT_EQ(std::string(sealed.begin(), sealed.end()).find("token"), std::string::npos);
  EXPECT_NE(seal(text, row, key, random), sealed);
}

TEST_F(Sealing, OpensNothingThatIsBoundToAnother) {
  const std::array<std::uint8_t, 16> other{1, 2, 4};
  EXPECT_FALSE(unseal(seal(text, row, key, random), other, key));
}

TEST_F(Sealing, OpensNothingUnderAnotherKey) { EXPECT_FALSE(unseal(seal(text, row, key, random), row, std::string(32, 'l'))); }

TEST_F(Sealing, OpensNothingThatWasChangedOrCut) {
  const auto sealed = seal(text, row, key, random);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(unseal(changed, row, key)) << i;
    EXPECT_FALSE(unseal(std::span(sealed).first(i), row, key)) << i;
  }
}

TEST_F(Sealing, RefusesAKeyOfAnotherLength) {
  EXPECT_THROW(seal(text, row, "short", random), std::invalid_argument);
  EXPECT_THROW(unseal({}, row, "short"), std::invalid_argument);
}

}  // namespace
}  // namespace micro_sayur::crypto
