// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/token.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace micro_sayur::crypto {
namespace {

TEST(Digest, IsSha256) {
  EXPECT_EQ(to_hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

// RFC 4231, test cases 2 and 6.
TEST(Digest, IsHmacSha256) {
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(Digest, ComparesWholeTexts) {
  EXPECT_TRUE(constant_time_equal("same", "same"));
  EXPECT_FALSE(constant_time_equal("same", "sane"));
  EXPECT_FALSE(constant_time_equal("same", "same "));
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_FALSE(constant_time_equal(sha256("a"), sha256("b")));
}

RC_GTEST_PROP(Base64url, ReadsBackWhatItWrote, (const std::string& bytes)) { RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes); }

RC_GTEST_PROP(Base64url, HasOneTextForEachValue, (const std::string& text)) {
  if (const auto bytes = from_base64url(text)) RC_ASSERT(to_base64url(*bytes) == text);
}

TEST(Base64url, RefusesOtherForms) {
  EXPECT_EQ(from_base64url("_-8"), "\xff\xef");
  for (const auto* text : {"_-9", "_-8=", "/+8", "_ -8", "_", "_-8\n"}) EXPECT_EQ(from_base64url(text), std::nullopt) << text;
}

class counting_random final : public random_source {
 public:
  void fill(std::span<std::uint8_t> out) override {
    std::ranges::generate(out, [this] { return next_++; });
  }

 private:
  std::uint8_t next_ = 0;
};

TEST(Token, CarriesAllBitsOfItsSource) {
  counting_random random;
  const auto token = make_token(random);
  EXPECT_EQ(token.size(), 43);
  EXPECT_EQ(token, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
  EXPECT_EQ(token_digest(token), sha256(token));
  EXPECT_NE(make_token(random), token);
}

}  // namespace
}  // namespace micro_sayur::crypto
