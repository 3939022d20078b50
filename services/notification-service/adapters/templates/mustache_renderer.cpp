// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/templates/mustache_renderer.hpp"

#include "platform/base/embedded_file.hpp"

#include <fmt/format.h>
#include <kainjow/mustache.hpp>

#include <algorithm>
#include <map>
#include <mutex>
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

/// A template, compiled once.
class compiled {
 public:
  explicit compiled(std::string_view text) : compiled_(std::string(text)) {
    if (!compiled_.is_valid()) throw std::logic_error(compiled_.error_message());
  }

  std::string render(const mustache::data& values) const {
    const std::lock_guard lock(mutex_);
    return compiled_.render(values);
  }

  void leave_unescaped() { compiled_.set_custom_escape(unescaped); }

 private:
  mutable std::mutex mutex_;  // rendering keeps state in the template
  mutable mustache::mustache compiled_;
};

std::string without_line_end(std::string text) {
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

/// The three files of one kind in one language.
struct mail_template {
  compiled subject;
  compiled text;
  compiled html;

  explicit mail_template(std::string_view stem)
      : subject(file(fmt::format("{}.subject", stem))), text(file(fmt::format("{}.txt", stem))), html(file(fmt::format("{}.html", stem))) {
    subject.leave_unescaped();
    text.leave_unescaped();
  }
};

class mustache_renderer final : public mail_renderer {
 public:
  mustache_renderer() : layout_(file("layout.html")) {
    for (const auto language : {locale::indonesian, locale::english})
      for (const auto kind : {notification_kind::email_verification, notification_kind::password_reset, notification_kind::password_changed,
                              notification_kind::registration_attempted})
        templates_.emplace(std::pair(kind, language),
                           std::make_unique<mail_template>(fmt::format("{}/{}", to_string(language), to_string(kind))));
  }

  rendered_mail render(notification_kind kind, locale language, const template_values& values) const override {
    const auto& with = *templates_.at({kind, language});
    mustache::data filled;
    for (const auto& [name, value] : values) filled.set(name, value);
    rendered_mail out{.subject = without_line_end(with.subject.render(filled)),
                      .text = with.text.render(filled),
                      .html = {},
                      .language = std::string(to_string(language))};
    mustache::data frame;
    frame.set("language", std::string(to_string(language)));
    frame.set("subject", out.subject);
    frame.set("body", with.html.render(filled));
    out.html = layout_.render(frame);
    return out;
  }

 private:
  const compiled layout_;
  std::map<std::pair<notification_kind, locale>, std::unique_ptr<mail_template>> templates_;
};

}  // namespace

std::unique_ptr<mail_renderer> make_mustache_renderer() { return std::make_unique<mustache_renderer>(); }

}  // namespace micro_sayur::notification_service
