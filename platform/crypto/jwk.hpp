// SPDX-License-Identifier: Apache-2.0
// Keys of JSON Web Signatures: EC P-256 and ES256 only (RFC 7517, RFC 7518 section 3.4).
#pragma once

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace micro_sayur::crypto {

/// A public key, or a pair with its private part. Immutable, cheap to copy; any number of threads may use one.
class jwk {
 public:
  /// The pair in a PEM file, or the reason why it is none.
  static std::expected<jwk, std::string> from_private_pem(std::string_view kid, const std::string& pem);

  /// A new pair, as PKCS #8 PEM. Throws std::runtime_error when OpenSSL fails.
  static std::string generate_private_pem();

  const std::string& kid() const;

  /// The compact form of a JWS with the header fields alg ES256, `typ` and kid. Only a pair can sign. Throws std::runtime_error when
  /// OpenSSL fails.
  std::string sign(std::string_view typ, std::string_view payload) const;

  /// Whether this key made the ES256 signature of a compact JWS. The header must have been checked to name ES256.
  bool verifies(std::string_view compact) const;

 private:
  friend class jwk_set;
  struct state;
  explicit jwk(std::shared_ptr<const state> shared) : state_(std::move(shared)) {}

  std::shared_ptr<const state> state_;
};

/// Keys by their kid.
class jwk_set {
 public:
  jwk_set() = default;
  explicit jwk_set(std::vector<jwk> keys) : keys_(std::move(keys)) {}

  /// Reads a JWK Set (RFC 7517 section 5). Keys of other kinds or uses, and those without a kid, are left out, as the RFC asks; text
  /// that is no JWK Set is refused with the reason.
  static std::expected<jwk_set, std::string> from_json(std::string_view text);

  /// The public parts.
  std::string to_json() const;

  /// nullptr when there is none. Valid as long as this set.
  const jwk* find(std::string_view kid) const;

  const std::vector<jwk>& keys() const { return keys_; }

 private:
  std::vector<jwk> keys_;
};

}  // namespace micro_sayur::crypto
