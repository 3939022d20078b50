// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/open_keys.hpp"

namespace micro_sayur::user_service {
namespace {

config::faults keys_fault(const std::string& what) {
  return config::faults({"JWT_KEYS_DIR: " + what + "; make what is missing with: user-service keys generate"});
}

/// What `open` returns; faults of the folder as those of the variable that names it.
template <typename Open>
auto as_configured(Open open) {
  try {
    return open();
  } catch (const crypto::bad_keys& error) {
    throw keys_fault(error.what());
  } catch (const std::system_error& error) {
    throw keys_fault(error.what());
  }
}

}  // namespace

crypto::signing_keys open_signing_keys(const settings& with, program::process& base, const telemetry::logger& log) {
  return as_configured([&] {
    if (with.make_missing_keys && crypto::has_no_keys(with.jwt_keys_dir)) {
      const auto kid = crypto::generate_key(with.jwt_keys_dir, base.ids);
      log.info("a signing key was made", {{"kid", kid}});
    }
    return crypto::signing_keys(with.jwt_keys_dir, base.clock, [&log](std::string_view kid, std::string_view fault) {
      if (fault.empty())
        log.info("security event", {{"event", "sys_key_rotation"}, {"kid", kid}});
      else
        log.error("signing keys could not be read again", {{"error", fault}});
    });
  });
}

crypto::derivation_keys open_derivation_keys(const settings& with, program::process& base) {
  return as_configured([&] {
    if (with.make_missing_keys) crypto::ensure_derivation_key(with.jwt_keys_dir, base.ids, base.random);
    return crypto::derivation_keys(with.jwt_keys_dir, base.clock);
  });
}

}  // namespace micro_sayur::user_service
