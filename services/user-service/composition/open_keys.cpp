// SPDX-License-Identifier: Apache-2.0
#include "user-service/composition/open_keys.hpp"

namespace micro_sayur::user_service {
namespace {

constexpr std::string_view keys_variable = "JWT_KEYS_DIR";
constexpr std::string_view keys_advice = "make what is missing with: user-service keys generate";

config::faults keys_fault(const std::string& what) {
  return config::faults({std::string(keys_variable) + ": " + what + "; " + std::string(keys_advice)});
}

/// Why `open` throws; "" when it does not.
template <typename Open>
std::string fault_of(Open open) {
  try {
    open();
    return {};
  } catch (const crypto::bad_keys& error) {
    return error.what();
  } catch (const std::system_error& error) {
    return error.what();
  }
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

/// Logs what becomes of keys; `name` is the field of their ids.
crypto::key_observer tell(const telemetry::logger& log, std::string_view name, std::string_view fault_message) {
  return [&log, name, fault_message](std::string_view id, std::string_view fault) {
    if (fault.empty())
      log.info("security event", {{"event.action", "sys_key_rotation"}, {name, id}});
    else
      log.error(fault_message, {{"error.message", fault}});
  };
}

void tell_nobody(std::string_view, std::string_view) {}

}  // namespace

void judge_keys(config::reader& from, const settings& with) {
  if (with.make_missing_keys) return;
  const system_clock clock;
  const auto signing = fault_of([&] { crypto::signing_keys(with.jwt_keys_dir, clock, tell_nobody); });
  const auto derivation = fault_of([&] { crypto::derivation_keys(with.jwt_keys_dir, clock, tell_nobody); });
  if (!signing.empty()) from.add_fault(keys_variable, signing, keys_advice);
  if (!derivation.empty() && derivation != signing) from.add_fault(keys_variable, derivation, keys_advice);
}

crypto::signing_keys open_signing_keys(const settings& with, program::process& base, const telemetry::logger& log) {
  return as_configured([&] {
    if (with.make_missing_keys && crypto::has_no_keys(with.jwt_keys_dir)) {
      const auto kid = crypto::generate_key(with.jwt_keys_dir, base.ids);
      log.info("a signing key was made", {{"key.id", kid}});
    }
    return crypto::signing_keys(with.jwt_keys_dir, base.clock, tell(log, "key.id", "signing keys could not be read again"));
  });
}

crypto::derivation_keys open_derivation_keys(const settings& with, program::process& base, const telemetry::logger& log) {
  return as_configured([&] {
    if (with.make_missing_keys) crypto::ensure_derivation_key(with.jwt_keys_dir, base.ids, base.random);
    return crypto::derivation_keys(with.jwt_keys_dir, base.clock, tell(log, "secret.id", "secrets could not be read again"));
  });
}

}  // namespace micro_sayur::user_service
