// SPDX-License-Identifier: Apache-2.0
// Templates in Mustache (mustache.github.io/mustache.5.html), built into the program: templates/<locale>/<kind>.{subject,txt,html}
// and the frame templates/layout.html around every HTML body.
#pragma once

#include "notification-service/ports/mail_renderer.hpp"

#include <memory>

namespace micro_sayur::notification_service {

/// Throws std::logic_error when a template is missing or is no valid Mustache.
std::unique_ptr<mail_renderer> make_mustache_renderer();

}  // namespace micro_sayur::notification_service
