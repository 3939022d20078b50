// SPDX-License-Identifier: Apache-2.0
// Mails to those who may not be mailed, until they are released.
#include "notification-service/app/withheld_mails.hpp"
#include "notification-service/tests/deliveries_fixture.hpp"

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;

class WithheldMails : public test::deliveries_fixture {
 protected:
  static mail_recipients listed(const std::vector<std::string>& entries) { return mail_recipients::parse(entries).value(); }

  static delivery_settings only(const std::vector<std::string>& entries) {
    auto settings = quick();
    settings.recipients = listed(entries);
    return settings;
  }

  notification make_withheld(std::string recipient, timestamp created_at) {
    auto what = make_pending();
    what.recipient = std::move(recipient);
    what.created_at = created_at;
    what.status = notification_status::withheld;
    store_.add(what, std::nullopt);
    return what;
  }

  std::int64_t release(withheld_filter which) {
    std::int64_t count = 0;
    async::runtime(1).run_until_done([&]() -> async::task<> { count = co_await withheld_mails(store_).release(which); });
    return count;
  }
};

TEST_F(WithheldMails, AreKeptWithAllThatTheyNeed) {
  run(
      [this](deliver_notifications& deliveries) -> async::task<> {
        receive_event receive(store_, deliveries, clock_);
        co_await receive(make_event());
        co_await eventually([&] { return store_.only().what.status == notification_status::withheld; });
      },
      only({"nobody"}));
  EXPECT_TRUE(sender_.mails.empty());
  EXPECT_TRUE(store_.only().what.values);
  EXPECT_FALSE(store_.only().due_at);
  EXPECT_EQ(store_.only().outcomes, std::vector{delivery_outcome::kind::withheld});
  EXPECT_EQ(observer_.attempts, 1);
  EXPECT_EQ(sender_.probes, 0) << "no server is to blame";
}

TEST_F(WithheldMails, AreThoseOfOthersOnly) {
  auto wanted = make_pending();
  wanted.recipient = "Siti@Test.example";
  store_.add(wanted, clock_.now());
  const auto other = make_pending();
  store_.add(other, clock_.now());
  run(
      [&](deliver_notifications& deliveries) -> async::task<> {
        deliveries.start();
        co_await eventually([&] { return store_.rows.at(wanted.id).what.status == notification_status::sent; });
        co_await eventually([&] { return store_.rows.at(other.id).what.status == notification_status::withheld; });
      },
      only({"test.example"}));
  EXPECT_EQ(sender_.mails.size(), 1U);
}

TEST_F(WithheldMails, GoOutUnderTheSameIdOnceReleased) {
  const auto what = make_withheld("budi@example.com", clock_.now());
  EXPECT_EQ(release({.recipients = listed({"example.com"}), .since = std::nullopt}), 1);
  sender_.outcomes = {{delivery_outcome::kind::temporary_failure, "451 later"}};
  run(
      [&](deliver_notifications& deliveries) -> async::task<> {
        deliveries.start();
        co_await eventually([&] { return store_.only().what.failures == 1; });
        clock_.advance(2s);
        co_await eventually([&] { return store_.only().what.status == notification_status::sent; });
      },
      only({"nobody"}));
  EXPECT_EQ(sender_.mails.size(), 2U) << "what was released is not withheld again";
  for (const auto& mail : sender_.mails) EXPECT_EQ(mail.id, what.id);
}

TEST_F(WithheldMails, AreReleasedOnceAndOnlyThoseThatAreMeant) {
  const auto before = make_withheld("budi@example.com", clock_.now() - 2h);
  const auto meant = make_withheld("BUDI@example.com", clock_.now());
  const auto other = make_withheld("siti@other.example", clock_.now());
  const withheld_filter which{.recipients = listed({"budi@example.com"}), .since = clock_.now() - 1h};
  EXPECT_EQ(release(which), 1);
  EXPECT_EQ(release(which), 0);
  EXPECT_EQ(store_.rows.at(meant.id).what.status, notification_status::pending);
  for (const auto& kept : {before, other}) EXPECT_EQ(store_.rows.at(kept.id).what.status, notification_status::withheld);
}

TEST_F(WithheldMails, OfOldEventsThatWereReceivedLateAreFound) {
  const auto since = clock_.now() - 30min;
  const auto late = make_withheld("siti@example.com", clock_.now() - 10min);
  for (int i = 0; i < 450; ++i) make_withheld("budi@example.com", clock_.now() - 1h);
  ASSERT_LT(late.id, store_.rows.rbegin()->first) << "its event happened first";
  EXPECT_EQ(release({.recipients = {}, .since = since}), 1);
  EXPECT_EQ(store_.releases, 1) << "of three pages";
  EXPECT_EQ(store_.rows.at(late.id).what.status, notification_status::pending);
}

TEST_F(WithheldMails, AreListedAndReleasedPageByPage) {
  for (int i = 0; i < 450; ++i) make_withheld("budi@example.com", clock_.now());
  std::vector<uuid> shown;
  async::runtime(1).run_until_done([&]() -> async::task<> {
    const auto count = co_await withheld_mails(store_).list({}, [&](const notification& what) { shown.push_back(what.id); });
    EXPECT_EQ(count, 450);
  });
  EXPECT_EQ(shown.size(), 450U);
  EXPECT_TRUE(std::ranges::is_sorted(shown, std::ranges::greater())) << "newest first";
  EXPECT_EQ(release({}), 450);
}

}  // namespace
}  // namespace micro_sayur::notification_service
