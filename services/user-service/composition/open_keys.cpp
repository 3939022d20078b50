// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/open_keys.hpp"

namespace micro_sayur::user_service {
namespace {

config::faults keys_fault(const std::string& what) {
  return config::faults({"JWT_KEYS_DIR: " + what + "; make a key with: user-service keys generate"});
}

}  // namespace

crypto::signing_keys open_keys(const settings& with, program::process& base, const telemetry::logger& log) {
  try {
    if (with.make_missing_keys && crypto::has_no_keys(with.jwt_keys_dir)) {
      const auto kid = crypto::generate_key(with.jwt_keys_dir, base.ids);
      log.info("a signing key was made", {{"kid", kid}});
    }
    if (crypto::has_no_keys(with.jwt_keys_dir)) throw keys_fault("\"" + with.jwt_keys_dir.string() + "\" holds no <kid>.pem");
    return {with.jwt_keys_dir, base.clock,
            [&log](std::string_view error) { log.error("signing keys could not be read again", {{"error", error}}); }};
  } catch (const crypto::bad_keys& error) {
    throw keys_fault(error.what());
  } catch (const std::system_error& error) {
    throw keys_fault(error.what());
  }
}

}  // namespace micro_sayur::user_service
