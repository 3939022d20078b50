// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/templates/mustache_renderer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::array all_kinds{notification_kind::email_verification, notification_kind::password_reset,
                               notification_kind::password_changed, notification_kind::registration_attempted};
constexpr std::array all_locales{locale::indonesian, locale::english};
const std::string link = "https://sayur.example/verify-email?token=q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA&x=" + std::string(300, 'y');

bool has_link(notification_kind kind) { return kind == notification_kind::email_verification || kind == notification_kind::password_reset; }

TEST(Templates, RenderEachKindInEachLanguage) {
  const auto renderer = make_mustache_renderer();
  for (const auto kind : all_kinds) {
    for (const auto language : all_locales) {
      SCOPED_TRACE(std::string(to_string(kind)) + " " + std::string(to_string(language)));
      const auto mail = renderer->render(
          kind, language, {{"name", "Budi"}, {"link", link}, {"time", "NOON"}, {"requested", "EARLIER"}, {"network", "192.0.2.1"}});
      EXPECT_FALSE(mail.subject.empty());
      EXPECT_THAT(mail.subject, Not(HasSubstr("\n")));
      for (const auto* body : {&mail.text, &mail.html}) {
        const bool is_confirmed = kind != notification_kind::email_verification;
        EXPECT_THAT(*body, is_confirmed ? testing::Matcher<std::string>(HasSubstr("Budi")) : Not(HasSubstr("Budi")));
        if (!is_confirmed) EXPECT_THAT(*body, testing::AllOf(HasSubstr("EARLIER"), HasSubstr("192.0.2.1")));
        EXPECT_THAT(*body, HasSubstr("NOON"));
        EXPECT_THAT(*body, Not(HasSubstr("{{")));
      }
      EXPECT_THAT(mail.html, HasSubstr("<html lang=\"" + std::string(to_string(language)) + "\">"));
      if (has_link(kind)) EXPECT_THAT(mail.text, HasSubstr("\n" + link + "\n")) << "a line of its own, unbroken";
    }
  }
}

TEST(Templates, SpeakDifferentLanguages) {
  const auto renderer = make_mustache_renderer();
  for (const auto kind : all_kinds)
    EXPECT_NE(renderer->render(kind, locale::indonesian, {}).text, renderer->render(kind, locale::english, {}).text);
}

TEST(Templates, EscapeValuesInHtmlOnly) {
  const auto renderer = make_mustache_renderer();
  const auto mail = renderer->render(notification_kind::password_reset, locale::english,
                                     {{"name", "<script>alert('a')</script> & {{link}}"}, {"link", "https://a.example/?a=1&b=\"2\""}});
  EXPECT_THAT(mail.html, Not(HasSubstr("<script>")));
  EXPECT_THAT(mail.html, HasSubstr("&lt;script&gt;"));
  EXPECT_THAT(mail.html, HasSubstr("a=1&amp;b=&quot;2&quot;"));
  EXPECT_THAT(mail.text, HasSubstr("<script>alert('a')</script> & {{link}}"));
  EXPECT_THAT(mail.text, HasSubstr("https://a.example/?a=1&b=\"2\""));
}

}  // namespace
}  // namespace micro_sayur::notification_service
