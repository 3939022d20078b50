// SPDX-License-Identifier: Apache-2.0
// The input is a token, a JWK Set, and also a payload that is signed properly, so that the checks behind the signature are
// reached. Only the claims that were signed are ever accepted.
#include "platform/crypto/tests/fixture.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace micro_sayur::crypto;
  static const micro_sayur::manual_clock clock = test::clock_of_this_second();
  static const jwk key = test::new_key("key-1");
  static const jwk_set keys({key});
  static const access_token_verifier verifier("https://sayur.example", "micro-sayur", clock);

  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (verifier.verify(text, keys)) std::abort();
  if (const auto read = jwk_set::from_json(text); read && verifier.verify(text, *read)) std::abort();
  if (size == 0) return 0;
  const auto accepted = verifier.verify(key.sign("at+jwt", text), keys);
  if (accepted && verifier.verify(sign_access_token(*accepted, key), keys) != accepted) std::abort();
  return 0;
}
