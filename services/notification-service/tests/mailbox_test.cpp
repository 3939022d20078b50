// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/mailbox/mailbox_access.hpp"
#include "notification-service/adapters/mailbox/mailbox_endpoints.hpp"
#include "notification-service/adapters/mailbox/mailbox_mail_sender.hpp"
#include "notification-service/adapters/sql/migrations.hpp"
#include "platform/async/runtime.hpp"
#include "platform/json/reader.hpp"
#include "platform/page_frame/tests/page_rules.hpp"
#include "platform/sql/sqlite/sqlite.hpp"
#include "platform/test_support/manual_clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <filesystem>
#include <regex>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class Mailbox : public testing::Test {
 protected:
  Mailbox() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mailbox-test-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Mailbox() override { std::filesystem::remove_all(folder_); }

  void with_mailbox(std::function<async::task<>(mailbox_store&, mail_sender&)> body) {
    async::runtime(1).run_until_done([&]() -> async::task<> {
      const auto database = sql::sqlite::open({.file = folder_ / "mail.sqlite"});
      co_await sql::migrate(*database, service_name, sqlite_migrations);
      mailbox_store store(*database);
      mailbox_mail_sender sender(store, {.name = "Micro-Sayur", .address = "noreply@sayur.example"}, clock_);
      co_await body(store, sender);
      co_await database->close();
    });
  }

  mail make_mail(std::string to = "budi@example.com") {
    clock_.advance(1ms);
    return {.id = ids_.next(),
            .to = {.name = "Budi", .address = std::move(to)},
            .content = {.subject = "Halo", .text = "teks", .html = "<html><head></head><body>isi</body></html>"},
            .created_at = clock_.now(),
            .request_id = ""};
  }

  static async::task<http::response> get(mailbox_store& store, std::string_view path, std::string query = "", std::string id = "") {
    const auto routes = mailbox_routes(store, {});
    const auto found = std::find_if(routes.begin(), routes.end(), [&](const http::route& each) { return each.path == path; });
    http::request request;
    request.headers = {{"host", "127.0.0.1:8081"}};
    request.client = boost::asio::ip::make_address("127.0.0.1");
    request.query = std::move(query);
    if (!id.empty()) request.path_parameters.push_back(std::move(id));
    try {
      co_return co_await found->handle(request);
    } catch (const http::problem_error& error) {
      co_return http::response(error.details());
    }
  }

  static std::string header(const http::response& of, std::string_view name) {
    for (const auto& [each, value] : of.headers)
      if (each == name) return value;
    return "";
  }

  std::filesystem::path folder_;
  manual_clock clock_;
  system_random random_;
  id_source ids_{clock_, random_};
};

TEST(NamesLoopback, TakesThreeNamesWithAnyPort) {
  for (const auto* host : {"localhost", "LOCALHOST:8081", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:8081", "localhost:"})
    EXPECT_TRUE(names_loopback(host)) << host;
  for (const auto* host : {"", "localhos", "localhost.evil.example", "localhost:80@evil.example", "127.0.0.1.evil.example", "127.0.0.10",
                           "evil.example:8081", "::1", "[::1", "0.0.0.0", "localhost "})
    EXPECT_FALSE(names_loopback(host)) << host;
}

TEST_F(Mailbox, IsShownToThisMachineAndToThoseThatItsOperatorNames) {
  const auto status_for = [](std::string_view client, config::network_list others) {
    unsigned status = 0;
    async::runtime(1).run_until_done([&]() -> async::task<> {
      http::request request;
      request.headers = {{"host", "localhost"}};
      request.client = boost::asio::ip::make_address(client);
      const auto handle =
          for_readers_only([](http::request&) -> async::task<http::response> { co_return http::no_content(); }, std::move(others));
      status = (co_await handle(request)).status;
    });
    return status;
  };
  const config::network_list docker({*config::network::parse("172.16.0.0/12")});
  EXPECT_EQ(status_for("127.0.0.1", {}), 204U);
  EXPECT_EQ(status_for("::1", {}), 204U);
  EXPECT_EQ(status_for("::ffff:127.0.0.1", {}), 204U) << "as it comes to a socket that takes IPv4 as well";
  EXPECT_EQ(status_for("192.0.2.2", {}), 403U) << "a Host header is written by the client";
  EXPECT_EQ(status_for("172.17.0.1", {}), 403U);
  EXPECT_EQ(status_for("172.17.0.1", docker), 204U);
  EXPECT_EQ(status_for("192.0.2.2", docker), 403U);
}

TEST_F(Mailbox, KeepsEachMailOnce) {
  with_mailbox([this](mailbox_store& store, mail_sender& sender) -> async::task<> {
    const auto what = make_mail();
    EXPECT_EQ((co_await sender.send(what)).what, delivery_outcome::kind::accepted);
    EXPECT_EQ((co_await sender.send(what)).what, delivery_outcome::kind::accepted);
    EXPECT_EQ((co_await store.list(std::nullopt, 10)).size(), 1U);
    const auto found = co_await store.find(what.id);
    EXPECT_EQ(found->to, "budi@example.com");
    EXPECT_EQ(found->from, "Micro-Sayur <noreply@sayur.example>");
    EXPECT_EQ(found->text, "teks");
    EXPECT_THAT(found->raw, HasSubstr("Message-ID: <" + what.id.to_string() + "@sayur.example>\r\n"));
    const auto answered = co_await sender.reachable(std::chrono::seconds(1));
    EXPECT_TRUE(answered.answers);
  });
}

TEST_F(Mailbox, ListsNewestFirst) {
  with_mailbox([this](mailbox_store& store, mail_sender& sender) -> async::task<> {
    std::vector<std::string> wanted;
    for (int i = 0; i < 3; ++i) {
      auto what = make_mail(i == 1 ? "Siti@example.com" : "budi@example.com");
      wanted.insert(wanted.begin(), what.id.to_string());
      co_await sender.send(std::move(what));
    }
    const auto answer = co_await get(store, "/mailbox/messages");
    const auto all = json::parse(answer.body).value();
    EXPECT_EQ(all.as_array().size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(all.at(i).at("id").as_string(), wanted[i]);
    for (const auto* field : {"to", "from", "subject", "text", "html", "raw", "sent_at"})
      EXPECT_TRUE(all.at(0).as_object().contains(field)) << field;
    const auto to_siti = co_await get(store, "/mailbox/messages", "to=siti@example.com");
    EXPECT_EQ(json::parse(to_siti.body).value().as_array().size(), 1U);
  });
}

TEST_F(Mailbox, ShowsOneMailAndKnowsWhatIsNotThere) {
  with_mailbox([this](mailbox_store& store, mail_sender& sender) -> async::task<> {
    const auto what = make_mail();
    co_await sender.send(what);
    const auto one = co_await get(store, "/mailbox/messages/{id}", "", what.id.to_string());
    EXPECT_EQ(one.status, 200U);
    EXPECT_EQ(json::parse(one.body).value().at("subject").as_string(), "Halo");
    for (const auto* path : {"/mailbox/messages/{id}", "/mailbox/messages/{id}/html"})
      for (const auto& id : {ids_.next().to_string(), std::string("x")})
        EXPECT_EQ((co_await get(store, path, "", id)).status, 404U) << path;
  });
}

TEST_F(Mailbox, ShowsHtmlThatCanDoNothingButOpenLinks) {
  with_mailbox([this](mailbox_store& store, mail_sender& sender) -> async::task<> {
    const auto what = make_mail();
    co_await sender.send(what);
    const auto shown = co_await get(store, "/mailbox/messages/{id}/html", "", what.id.to_string());
    EXPECT_EQ(shown.body, R"(<html><head><base target="_blank"></head><body>isi</body></html>)");
    const auto policy = header(shown, "Content-Security-Policy");
    EXPECT_THAT(policy, HasSubstr("sandbox allow-popups allow-popups-to-escape-sandbox;"));
    EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("script-src")));
    EXPECT_THAT(policy, Not(HasSubstr("allow-scripts")));
  });
  EXPECT_EQ(framed_html("no head"), R"(<base target="_blank">no head)");
}

TEST_F(Mailbox, ThePageHoldsNothingThatItsPolicyForbids) {
  with_mailbox([](mailbox_store& store, mail_sender&) -> async::task<> {
    const auto page = co_await get(store, "/mailbox");
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_EQ(header(page, "Content-Language"), "id, en");
    EXPECT_THAT(header(page, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
    const std::vector<micro_sayur::page> pages{{"/mailbox", "", page.body}};
    expect_nothing_that_the_policy_forbids(pages);
    expect_relative_links(pages);
    const std::regex own(R"re((?:src|href)="(mailbox/[^"]*)")re");
    int loaded = 0;
    for (std::sregex_iterator match(page.body.begin(), page.body.end(), own), end; match != end; ++match, ++loaded)
      EXPECT_EQ((co_await get(store, "/" + (*match)[1].str())).status, 200U) << (*match)[1];
    EXPECT_GE(loaded, 2);
    const auto texts = (co_await get(store, "/mailbox/texts.js")).body;
    const std::regex key(R"re(data-(?:text|label)="([^"]*)")re");
    for (std::sregex_iterator match(page.body.begin(), page.body.end(), key), end; match != end; ++match)
      EXPECT_THAT(texts, HasSubstr("'" + (*match)[1].str() + "':"));
  });
}

TEST_F(Mailbox, ForgetsMailsThatAreOlderThanItsRetention) {
  async::runtime(1).run_until_done([&]() -> async::task<> {
    const auto database = sql::sqlite::open({.file = folder_ / "mail.sqlite"});
    co_await sql::migrate(*database, service_name, sqlite_migrations);
    mailbox_store store(*database);
    mailbox_mail_sender sender(store, {.name = "", .address = "noreply@sayur.example"}, clock_);
    co_await sender.send(make_mail());
    clock_.advance(std::chrono::days(31));
    const auto newer = make_mail();
    co_await sender.send(newer);
    for (const auto& each : mailbox_retention())
      co_await database->execute_one({*each.remove, {clock_.now() - each.keep, std::int64_t{500}}});
    const auto left = co_await store.list(std::nullopt, 10);
    EXPECT_EQ(left.size(), 1U);
    EXPECT_EQ(left.at(0).id, newer.id);
    co_await database->close();
  });
}

}  // namespace
}  // namespace micro_sayur::notification_service
