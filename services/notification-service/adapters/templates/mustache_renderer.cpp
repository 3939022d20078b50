// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/templates/mustache_renderer.hpp"

#include "platform/base/embedded_file.hpp"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <span>
#include <stdexcept>

namespace micro_sayur::notification_service {

extern const std::span<const embedded_file> template_files;

namespace {

namespace mustache = kainjow::mustache;

std::string_view file(std::string_view name) {
  const auto found = std::find_if(template_files.begin(), template_files.end(), [&](const auto& each) { return each.name == name; });
  if (found == template_files.end()) throw std::logic_error(fmt::format("there is no mail template {}", name));
  return found->text;
}

std::string unescaped(const std::string& text) { return text; }

std::string render_text(std::string_view text, const mustache::data& values, bool escape) {
  mustache::mustache compiled{std::string(text)};
  if (!compiled.is_valid()) throw std::logic_error(compiled.error_message());
  if (!escape) compiled.set_custom_escape(unescaped);
  return compiled.render(values);
}

std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

class mustache_renderer final : public mail_renderer {
 public:
  mustache_renderer() {
    for (const auto language : {locale::indonesian, locale::english})
      for (const auto kind : {notification_kind::email_verification, notification_kind::password_reset, notification_kind::password_changed,
                              notification_kind::registration_attempted})
        render(kind, language, {});
  }

  rendered_mail render(notification_kind kind, locale language, const template_values& values) const override {
    const auto text_of = [&](std::string_view extension) {
      return file(fmt::format("{}/{}.{}", to_string(language), to_string(kind), extension));
    };
    mustache::data filled;
    for (const auto& [name, value] : values) filled.set(name, value);
    rendered_mail out{.subject = without_line_end(render_text(text_of("subject"), filled, false)),
                      .text = render_text(text_of("txt"), filled, false),
                      .html = {}};
    mustache::data frame;
    frame.set("language", std::string(to_string(language)));
    frame.set("subject", out.subject);
    frame.set("body", render_text(text_of("html"), filled, true));
    out.html = render_text(file("layout.html"), frame, true);
    return out;
  }
};

}  // namespace

std::unique_ptr<mail_renderer> make_mustache_renderer() { return std::make_unique<mustache_renderer>(); }

}  // namespace micro_sayur::notification_service
