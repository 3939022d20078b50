// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "platform/crypto/derivation_keys.hpp"
#include "platform/crypto/signing_keys.hpp"
#include "platform/program/process.hpp"
#include "user-service/composition/settings.hpp"

namespace micro_sayur::user_service {

/// Notes as faults of JWT_KEYS_DIR why its files cannot be used, beside all other faults of the configuration. Nothing is made.
void judge_keys(config::reader& from, const settings& with);

/// The keys of JWT_KEYS_DIR, with a first one made where that is allowed. Throws config::faults when they cannot be used. What becomes of
/// later ones is logged to `log`, which outlives the keys.
crypto::signing_keys open_signing_keys(const settings& with, program::process& base, const telemetry::logger& log);
crypto::derivation_keys open_derivation_keys(const settings& with, program::process& base, const telemetry::logger& log);

}  // namespace micro_sayur::user_service
