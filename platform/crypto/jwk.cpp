// SPDX-License-Identifier: Apache-2.0
// cjose is C and reports through a struct; a failure also leaves entries in OpenSSL's error queue of this thread, which would confuse
// the next TLS operation, and is therefore cleared.
#include "platform/crypto/jwk.hpp"

#include "platform/json/reader.hpp"

#include <cjose/cjose.h>
#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <stdexcept>

namespace micro_sayur::crypto {
namespace {

constexpr int coordinate_size = 32;

template <auto Free>
struct freed_by {
  void operator()(auto* pointer) const { Free(pointer); }
};
template <typename T, auto Free>
using owned = std::unique_ptr<T, freed_by<Free>>;

using cjose_key = owned<cjose_jwk_t, cjose_jwk_release>;
using cjose_signature = owned<cjose_jws_t, cjose_jws_release>;
using cjose_head = owned<cjose_header_t, cjose_header_release>;
using pkey = owned<EVP_PKEY, EVP_PKEY_free>;
using buffer = owned<BIO, BIO_free>;
using number = owned<BIGNUM, BN_clear_free>;
using coordinate = std::array<std::uint8_t, coordinate_size>;

[[noreturn]] void fail(std::string_view what) {
  const auto code = ERR_get_error();
  ERR_clear_error();
  std::array<char, 256> reason{};
  ERR_error_string_n(code, reason.data(), reason.size());
  throw std::runtime_error(fmt::format("{}: {}", what, reason.data()));
}

/// Never asks at the terminal: a key with a passphrase is refused.
int no_passphrase(char*, int, int, void*) { return -1; }

bool is_p256(EVP_PKEY* key) {
  std::array<char, 32> name{};
  return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, name.data(), name.size(), nullptr) == 1 &&
         std::string_view(name.data()) == SN_X9_62_prime256v1;
}

coordinate parameter(EVP_PKEY* key, const char* name) {
  BIGNUM* raw = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &raw) != 1) fail("an EC key lacks a part");
  const number value(raw);
  coordinate out{};
  if (BN_bn2binpad(value.get(), out.data(), coordinate_size) != coordinate_size) fail("an EC key has a part that is too long");
  return out;
}

cjose_key to_cjose(EVP_PKEY* key, std::string_view kid) {
  coordinate x = parameter(key, OSSL_PKEY_PARAM_EC_PUB_X);
  coordinate y = parameter(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  coordinate d = parameter(key, OSSL_PKEY_PARAM_PRIV_KEY);
  const cjose_jwk_ec_keyspec parts{
      .crv = CJOSE_JWK_EC_P_256, .d = d.data(), .dlen = d.size(), .x = x.data(), .xlen = x.size(), .y = y.data(), .ylen = y.size()};
  cjose_key out(cjose_jwk_create_EC_spec(&parts, nullptr));
  OPENSSL_cleanse(d.data(), d.size());
  if (!out || !cjose_jwk_set_kid(out.get(), kid.data(), kid.size(), nullptr)) fail("cjose refuses an EC key");
  return out;
}

bool has_text(const boost::json::object& object, std::string_view name, std::string_view wanted) {
  const auto* found = object.if_contains(name);
  return found != nullptr && found->is_string() && found->get_string() == wanted;
}

bool can_verify(const boost::json::object& key) {
  const auto* kid = key.if_contains("kid");
  return has_text(key, "kty", "EC") && has_text(key, "crv", "P-256") && kid != nullptr && kid->is_string() &&
         (!key.contains("use") || has_text(key, "use", "sig")) && (!key.contains("alg") || has_text(key, "alg", "ES256"));
}

}  // namespace

// cjose only reads a key to sign and verify (it retains none), so that threads may share it.
struct jwk::state {
  std::string kid;
  cjose_key key;
};

std::expected<jwk, std::string> jwk::from_private_pem(std::string_view kid, const std::string& pem) {
  const buffer text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const pkey key(PEM_read_bio_PrivateKey(text.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key) return std::unexpected("holds no private key in PEM without a passphrase");
  if (!is_p256(key.get())) return std::unexpected("holds a key that is not EC P-256");
  return jwk(std::make_shared<const state>(std::string(kid), to_cjose(key.get(), kid)));
}

std::string jwk::generate_private_pem() {
  const pkey key(EVP_EC_gen(SN_X9_62_prime256v1));
  const buffer text(BIO_new(BIO_s_mem()));
  if (!key || PEM_write_bio_PKCS8PrivateKey(text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    fail("cannot generate an EC key");
  char* begin = nullptr;
  const auto size = BIO_get_mem_data(text.get(), &begin);
  return {begin, static_cast<std::size_t>(size)};
}

const std::string& jwk::kid() const { return state_->kid; }

std::string jwk::sign(std::string_view typ, std::string_view payload) const {
  const cjose_head head(cjose_header_new(nullptr));
  const auto set = [&](const char* name, const std::string& value) { return cjose_header_set(head.get(), name, value.c_str(), nullptr); };
  if (!head || !set(CJOSE_HDR_ALG, CJOSE_HDR_ALG_ES256) || !set(CJOSE_HDR_KID, kid()) || !set("typ", std::string(typ)))
    throw std::runtime_error("cannot make the header of a signature");
  const cjose_signature signature(
      cjose_jws_sign(state_->key.get(), head.get(), reinterpret_cast<const std::uint8_t*>(payload.data()), payload.size(), nullptr));
  const char* compact = nullptr;
  if (!signature || !cjose_jws_export(signature.get(), &compact, nullptr)) fail("cannot sign");
  return compact;
}

bool jwk::verifies(std::string_view compact) const {
  const cjose_signature signature(cjose_jws_import(compact.data(), compact.size(), nullptr));
  const bool valid = signature && cjose_jws_verify(signature.get(), state_->key.get(), nullptr);
  if (!valid) ERR_clear_error();
  return valid;
}

std::expected<jwk_set, std::string> jwk_set::from_json(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return std::unexpected(parsed.error().to_string());
  const auto* keys = parsed->is_object() ? parsed->get_object().if_contains("keys") : nullptr;
  if (keys == nullptr || !keys->is_array()) return std::unexpected("is not a JWK Set");
  std::vector<jwk> found;
  for (const auto& value : keys->get_array()) {
    if (!value.is_object() || !can_verify(value.get_object())) continue;
    const auto one = boost::json::serialize(value);
    cjose_key key(cjose_jwk_import(one.data(), one.size(), nullptr));
    ERR_clear_error();
    if (key)
      found.push_back(jwk(std::make_shared<const jwk::state>(std::string(value.get_object().at("kid").get_string()), std::move(key))));
  }
  return jwk_set(std::move(found));
}

std::string jwk_set::to_json() const {
  boost::json::array keys;
  for (const auto& key : keys_) {
    const owned<char, +[](char* text) { cjose_get_dealloc()(text); }> text(cjose_jwk_to_json(key.state_->key.get(), false, nullptr));
    auto parsed = text ? json::parse(text.get()) : std::unexpected(json::syntax_error{});
    if (!parsed) throw std::runtime_error("cjose cannot write a public key");
    parsed->as_object()["use"] = "sig";
    parsed->as_object()["alg"] = "ES256";
    keys.push_back(std::move(*parsed));
  }
  return boost::json::serialize(boost::json::object{{"keys", std::move(keys)}});
}

const jwk* jwk_set::find(std::string_view kid) const {
  for (const auto& key : keys_)
    if (key.kid() == kid) return &key;
  return nullptr;
}

}  // namespace micro_sayur::crypto
