// SPDX-License-Identifier: Apache-2.0
#include "platform/crypto/tests/fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <rapidcheck/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace micro_sayur::crypto {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Jwt : testing::Test {
  manual_clock clock = test::clock_of_this_second();
  std::string pem = jwk::generate_private_pem();
  jwk key = jwk::from_private_pem("key-1", pem).value();
  jwk_set keys{{key}};
  access_token_verifier verifier{"https://sayur.example", "micro-sayur", clock};
  access_token_claims claims = test::claims_at(clock.now());

  jwt_error error_of(std::string_view token) const {
    const auto result = verifier.verify(token, keys);
    EXPECT_FALSE(result) << token;
    return result ? jwt_error{-1} : result.error();
  }

  jwt_error error_of_payload(std::string_view payload) const { return error_of(key.sign("at+jwt", payload)); }
};

std::string payload_of(std::string_view token) {
  const auto first = token.find('.') + 1;
  return from_base64url(token.substr(first, token.rfind('.') - first)).value();
}

TEST_F(Jwt, CarriesItsClaims) {
  const auto token = sign_access_token(claims, key);
  const auto read = verifier.verify(token, keys);
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(*read, claims);
  EXPECT_THAT(from_base64url(token.substr(0, token.find('.'))).value(),
              testing::AllOf(HasSubstr(R"("alg":"ES256")"), HasSubstr(R"("typ":"at+jwt")"), HasSubstr(R"("kid":"key-1")")));
}

TEST_F(Jwt, HasEveryClaimOfAnAccessToken) {
  const auto token = sign_access_token(claims, key);
  const auto payload = payload_of(token);
  for (const auto* name : {"iss", "exp", "aud", "sub", "client_id", "iat", "jti"})  // RFC 9068 section 2.2
    EXPECT_THAT(payload, testing::HasSubstr('"' + std::string(name) + "\":")) << name;
}

TEST_F(Jwt, IsVerifiedWithThePublicKeysAlone) {
  const auto published = jwk_set::from_json(keys.to_json());
  ASSERT_TRUE(published);
  EXPECT_TRUE(verifier.verify(sign_access_token(claims, key), *published));
  EXPECT_THROW(sign_access_token(claims, published->keys().front()), std::runtime_error);
}

TEST_F(Jwt, FailsWhenAnyByteIsTampered) {
  const auto token = sign_access_token(claims, key);
  for (std::size_t position = 0; position < token.size(); ++position)
    for (const int mask : {0x01, 0x02, 0x04, 0x10, 0x20, 0x80}) {
      auto tampered = token;
      tampered[position] = static_cast<char>(tampered[position] ^ mask);
      EXPECT_FALSE(verifier.verify(tampered, keys)) << position << " ^ " << mask;
    }
}

RC_GTEST_FIXTURE_PROP(Jwt, FailsWhenCutOrExtended, (const std::string& more)) {
  const auto token = sign_access_token(claims, key);
  const auto length = *rc::gen::inRange<std::size_t>(0, token.size());
  RC_ASSERT(!verifier.verify(std::string_view(token).substr(0, length), keys));
  RC_PRE(!more.empty());
  RC_ASSERT(!verifier.verify(token + more, keys));
  RC_ASSERT(!verifier.verify(more + token, keys));
}

TEST_F(Jwt, FailsWithAnyFurtherCharacter) {
  const auto token = sign_access_token(claims, key);
  for (const char more : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=."))
    EXPECT_FALSE(verifier.verify(token + more, keys)) << more;
}

RC_GTEST_FIXTURE_PROP(Jwt, RefusesAnyOtherText, (const std::string& header, const std::string& payload)) {
  RC_ASSERT(!verifier.verify(header, keys));
  RC_ASSERT(!verifier.verify(test::unsigned_token(header, payload), keys));
}

TEST_F(Jwt, RefusesOtherAlgorithms) {
  const auto payload = payload_of(sign_access_token(claims, key));
  const auto header = [](std::string_view algorithm) {
    return R"({"alg":")" + std::string(algorithm) + R"(","typ":"at+jwt","kid":"key-1"})";
  };
  for (const auto* algorithm : {"none", "None", "HS256", "RS256", "ES384", "es256", ""})
    EXPECT_EQ(error_of(test::unsigned_token(header(algorithm), payload)), jwt_error::wrong_algorithm) << algorithm;
  EXPECT_EQ(error_of(test::unsigned_token(header("none"), payload, "")), jwt_error::wrong_algorithm);
  EXPECT_EQ(error_of(test::unsigned_token(R"({"typ":"at+jwt","kid":"key-1"})", payload)), jwt_error::wrong_algorithm);
  EXPECT_EQ(error_of(test::unsigned_token(R"({"alg":["ES256"],"typ":"at+jwt","kid":"key-1"})", payload)), jwt_error::wrong_algorithm);
}

std::string public_pem_of(const std::string& private_pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(private_pem.data(), static_cast<int>(private_pem.size())), BIO_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr),
                                                                EVP_PKEY_free);
  EXPECT_EQ(PEM_write_bio_PUBKEY(out.get(), key.get()), 1);
  char* begin = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

TEST_F(Jwt, RefusesAnHmacUnderThePublicKey) {
  const auto published = keys.to_json();
  const auto signed_part =
      to_base64url(R"({"alg":"HS256","typ":"at+jwt","kid":"key-1"})") + "." + to_base64url(R"({"iss":"https://sayur.example"})");
  for (const auto& secret : {published, public_pem_of(pem)}) {
    const auto token = signed_part + "." + to_base64url(hmac_sha256(secret, signed_part));
    EXPECT_EQ(error_of(token), jwt_error::wrong_algorithm);
  }
}

TEST_F(Jwt, RefusesKeysThatItDoesNotKnow) {
  EXPECT_EQ(error_of(sign_access_token(claims, test::new_key("key-2"))), jwt_error::unknown_key);
  EXPECT_EQ(error_of(sign_access_token(claims, test::new_key("key-1"))), jwt_error::bad_signature);
  EXPECT_EQ(error_of(test::unsigned_token(R"({"alg":"ES256","typ":"at+jwt"})", "{}")), jwt_error::unknown_key);
  EXPECT_EQ(error_of(test::unsigned_token(R"({"alg":"ES256","typ":"at+jwt","kid":"key-1"})", "{}")), jwt_error::bad_signature);
}

TEST_F(Jwt, RefusesOtherTypesOfToken) {
  const auto payload = payload_of(sign_access_token(claims, key));
  for (const auto* type : {"JWT", "", "dpop+jwt"}) EXPECT_EQ(error_of(key.sign(type, payload)), jwt_error::wrong_type) << type;
  EXPECT_TRUE(verifier.verify(key.sign("application/AT+JWT", payload), keys));
}

TEST_F(Jwt, RefusesCriticalExtensions) {
  EXPECT_EQ(error_of(test::unsigned_token(R"({"alg":"ES256","typ":"at+jwt","kid":"key-1","crit":["b64"],"b64":false})", "{}")),
            jwt_error::malformed);
}

TEST_F(Jwt, IsForOneIssuerAndAudience) {
  auto other = claims;
  other.issuer = "https://evil.example";
  EXPECT_EQ(error_of(sign_access_token(other, key)), jwt_error::wrong_issuer);
  other = claims;
  other.audience = "another service";
  EXPECT_EQ(error_of(sign_access_token(other, key)), jwt_error::wrong_audience);
}

TEST_F(Jwt, LivesUntilItsEndAndTheLeeway) {
  const auto token = sign_access_token(claims, key);
  clock.advance(10min + 29s);
  EXPECT_TRUE(verifier.verify(token, keys));
  clock.advance(1s);
  EXPECT_EQ(error_of(token), jwt_error::expired);
}

TEST_F(Jwt, DoesNotComeFromTheFuture) {
  claims.issued_at += 31s;
  EXPECT_EQ(error_of(sign_access_token(claims, key)), jwt_error::not_yet_valid);
  clock.advance(1s);
  EXPECT_TRUE(verifier.verify(sign_access_token(claims, key), keys));
}

std::string payload_with(std::string_view name, std::string_view value) {
  boost::json::object payload{{"iss", "https://sayur.example"},
                              {"aud", "micro-sayur"},
                              {"sub", "019abcde-0000-7000-8000-000000000001"},
                              {"sid", "019abcde-0000-7000-8000-000000000002"},
                              {"roles", boost::json::array{}},
                              {"iat", 0},
                              {"exp", 253'402'300'799},
                              {"jti", "019abcde-0000-7000-8000-000000000003"}};
  value.empty() ? void(payload.erase(name))
                : void(payload[name] = boost::json::parse(boost::json::string_view(value.data(), value.size())));
  return boost::json::serialize(payload);
}

TEST_F(Jwt, NeedsEveryClaimInItsType) {
  EXPECT_TRUE(verifier.verify(key.sign("at+jwt", payload_with("more", "{}")), keys));
  for (const auto* name : {"iss", "aud", "sub", "sid", "roles", "iat", "exp", "jti"})
    for (const auto* value : {"", "null", "{}", "true", "1.5", "-1", "[1]"})
      EXPECT_EQ(error_of_payload(payload_with(name, value)), jwt_error::bad_claims) << name << " " << value;
  EXPECT_EQ(error_of_payload(payload_with("sub", R"("somebody")")), jwt_error::bad_claims);
  EXPECT_EQ(error_of_payload(payload_with("exp", "9223372036854775807")), jwt_error::bad_claims);
  EXPECT_EQ(error_of_payload(payload_with("nbf", R"("soon")")), jwt_error::bad_claims);
  EXPECT_EQ(error_of_payload(payload_with("nbf", "253402300799")), jwt_error::not_yet_valid);
  EXPECT_EQ(error_of_payload(""), jwt_error::malformed);
  EXPECT_EQ(error_of_payload("[]"), jwt_error::malformed);
}

TEST_F(Jwt, MayNameSeveralAudiences) {
  EXPECT_TRUE(verifier.verify(key.sign("at+jwt", payload_with("aud", R"(["other","micro-sayur"])")), keys));
  EXPECT_EQ(error_of_payload(payload_with("aud", R"(["other","another"])")), jwt_error::wrong_audience);
  EXPECT_EQ(error_of_payload(payload_with("aud", "[]")), jwt_error::bad_claims);
}

TEST_F(Jwt, HasALimit) { EXPECT_EQ(error_of(key.sign("at+jwt", std::string(longest_jwt, ' '))), jwt_error::malformed); }

}  // namespace
}  // namespace micro_sayur::crypto
