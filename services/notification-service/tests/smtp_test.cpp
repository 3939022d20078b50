// SPDX-License-Identifier: Apache-2.0
#include "notification-service/adapters/smtp/smtp_mail_sender.hpp"
#include "notification-service/adapters/smtp/smtp_reply.hpp"
#include "notification-service/tests/smtp_server.hpp"
#include "platform/async/runtime.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(JudgeRefusal, OnlyWhatConcernsTheMailCountsAgainstIt) {
  const auto judged = [](std::string verb, std::string reply) {
    return judge_refusal({std::move(verb), std::move(reply)}, false, "fault").what;
  };
  for (const auto* verb : {"MAIL", "RCPT", "DATA"}) {
    EXPECT_EQ(judged(verb, "550 5.1.1 no"), kind::permanent_failure) << verb;
    EXPECT_EQ(judged(verb, "451 later"), kind::temporary_failure) << verb;
    EXPECT_EQ(judged(verb, "530 5.7.0 log in first"), kind::unavailable) << verb;
    EXPECT_EQ(judged(verb, "250 OK"), kind::unavailable) << "the connection broke after it";
    EXPECT_EQ(judged(verb, ""), kind::unavailable) << verb;
    EXPECT_EQ(judged(verb, "55"), kind::unavailable) << verb;
  }
  for (const auto* verb : {"", "EHLO", "STARTTLS", "AUTH"}) EXPECT_EQ(judged(verb, "535 5.7.8 wrong password"), kind::unavailable) << verb;
  EXPECT_EQ(judge_refusal({"RCPT", "550 no"}, true, "timed out").what, kind::unavailable);
}

class Smtp : public testing::Test {
 protected:
  smtp_settings settings() const {
    smtp_settings out;
    out.host = "127.0.0.1";
    out.port = server_.port();
    out.tls = smtp_tls::none;
    out.from = {.name = "Micro-Sayur", .address = "noreply@sayur.example"};
    out.connections = 1;
    out.deadline = 5s;
    return out;
  }

  static mail make_mail(std::string to = "budi@example.com") {
    return {.id = *uuid::parse("01a20e23-d627-78cd-9a7e-dd889389a476"),
            .to = {.name = "Budi", .address = std::move(to)},
            .content = {.subject = "Halo", .text = "Halo\n.\n..\nselesai\n", .html = "<p>Halo</p>"},
            .created_at = {},
            .request_id = ""};
  }

  delivery_outcome send(mail_sender& by, mail what = make_mail()) {
    delivery_outcome outcome;
    async::runtime(1).run_until_done([&]() -> async::task<> { outcome = co_await by.send(std::move(what)); });
    return outcome;
  }
  bool reachable(mail_sender& by, std::chrono::milliseconds patience = 1s) {
    bool there = false;
    async::runtime(1).run_until_done([&]() -> async::task<> {
      const auto found = co_await by.reachable(patience);
      there = found.answers;
      fault_ = found.fault;
    });
    return there;
  }

  test::smtp_server server_;
  std::string fault_;  ///< of the last look
};

TEST_F(Smtp, RefusesAnAddressBeyondAsciiOnceWhenTheServerLacksSmtputf8) {
  server_.extensions = "250-server\r\n250 8BITMIME";
  const auto sender = make_smtp_mail_sender(settings());
  const auto refused = send(*sender, make_mail("b\xc3\xb6rje@example.com"));
  EXPECT_EQ(refused.what, kind::permanent_failure);
  EXPECT_THAT(refused.detail, HasSubstr("SMTPUTF8"));
  EXPECT_THAT(server_.lines(), Not(Contains(StartsWith("MAIL"))));
  EXPECT_EQ(send(*sender, make_mail("budi@fa\xc3\x9f.de")).what, kind::accepted) << "a domain has an ASCII form";
}

TEST_F(Smtp, RefusesAnAddressBeyondAsciiWhenToldSo) {
  auto told = settings();
  told.beyond_ascii = config::smtputf8::no;
  EXPECT_EQ(send(*make_smtp_mail_sender(told), make_mail("b\xc3\xb6rje@example.com")).what, kind::permanent_failure);
  EXPECT_EQ(server_.connections(), 0);
}

TEST_F(Smtp, AskedForMailsBeyondAsciiASilentServerIsUnavailable) {
  server_.answer("greeting", "");
  const auto outcome = send(*make_smtp_mail_sender(settings()), make_mail("b\xc3\xb6rje@example.com"));
  EXPECT_EQ(outcome.what, kind::unavailable) << outcome.detail;
  EXPECT_THAT(outcome.detail, HasSubstr("127.0.0.1:"));
}

TEST_F(Smtp, AnswersInAnotherEncodingAreToldAsText) {
  const auto sender = make_smtp_mail_sender(settings());
  server_.answer("RCPT", "550 bo\xeete inconnue \x1b[31m");
  const auto refused = send(*sender);
  EXPECT_EQ(refused.what, kind::permanent_failure);
  EXPECT_THAT(refused.detail, HasSubstr("550 bo\xef\xbf\xbdte inconnue  [31m"));
}

TEST_F(Smtp, SendsOneMailAfterAnotherOverOneConnection) {
  const auto sender = make_smtp_mail_sender(settings());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(*sender).what, kind::accepted);
  EXPECT_EQ(send(*sender).detail, "250 taken");
  EXPECT_EQ(server_.connections(), 1);
  const auto lines = server_.lines();
  EXPECT_THAT(lines, Contains("EHLO sayur.example"));
  EXPECT_THAT(lines, Contains(StartsWith("MAIL FROM:<noreply@sayur.example>")));
  EXPECT_THAT(lines, Contains("RCPT TO:<budi@example.com>"));
  EXPECT_THAT(lines, Contains("Message-ID: <01a20e23-d627-78cd-9a7e-dd889389a476@sayur.example>"));
  EXPECT_THAT(lines, Contains("selesai")) << "a line with a dot alone does not end the mail";
}

TEST_F(Smtp, WritesAnInternationalDomainInAscii) {
  const auto sender = make_smtp_mail_sender(settings());
  EXPECT_EQ(send(*sender, make_mail("budi@faß.de")).what, kind::accepted);
  const auto lines = server_.lines();
  EXPECT_THAT(lines, Contains("RCPT TO:<budi@xn--fa-hia.de>"));
  EXPECT_THAT(lines, Contains(" <budi@xn--fa-hia.de>")) << "the header says the same";
  EXPECT_THAT(lines, Not(Contains(HasSubstr("SMTPUTF8"))));
}

TEST_F(Smtp, TellsRefusalsApart) {
  const auto sender = make_smtp_mail_sender(settings());
  for (const auto* verb : {"MAIL", "RCPT", "DATA", "."}) {
    SCOPED_TRACE(verb);
    server_.answer(verb, "450-two\r\n450 4.2.0 lines");
    const auto later = send(*sender);
    EXPECT_EQ(later.what, kind::temporary_failure);
    EXPECT_THAT(later.detail, HasSubstr("450 4.2.0 lines"));
    server_.answer(verb, "554 5.7.1 never");
    const auto never = send(*sender);
    EXPECT_EQ(never.what, kind::permanent_failure);
    EXPECT_THAT(never.detail, HasSubstr("554 5.7.1 never"));
  }
  EXPECT_EQ(send(*sender).what, kind::accepted);
}

TEST_F(Smtp, FaultsOfTheConnectionAreNoRefusal) {
  const auto sender = make_smtp_mail_sender(settings());
  server_.answer("greeting", "554 no service");
  EXPECT_EQ(send(*sender).what, kind::unavailable);
  server_.answer("greeting", "421 full");
  EXPECT_EQ(send(*sender).what, kind::unavailable);
  for (const auto* verb : {"greeting", "EHLO", "MAIL", "DATA", "."}) {
    SCOPED_TRACE(verb);
    server_.answer(verb, "");
    EXPECT_EQ(send(*sender).what, kind::unavailable);
  }
  EXPECT_EQ(send(*sender).what, kind::accepted);
}

TEST_F(Smtp, ReplacesAConnectionThatTheServerHasEnded) {
  const auto sender = make_smtp_mail_sender(settings());
  EXPECT_EQ(send(*sender).what, kind::accepted);
  server_.answer("MAIL", "421 4.4.2 idle for too long");
  EXPECT_EQ(send(*sender).what, kind::accepted);
  server_.answer("MAIL", "");
  EXPECT_EQ(send(*sender).what, kind::accepted);
  server_.hang_up();
  EXPECT_EQ(send(*sender).what, kind::accepted);
  EXPECT_EQ(server_.connections(), 4);
}

TEST_F(Smtp, DoesNotSendAgainWhatTheServerMayHave) {
  const auto sender = make_smtp_mail_sender(settings());
  EXPECT_EQ(send(*sender).what, kind::accepted);
  server_.answer(".", "");
  EXPECT_EQ(send(*sender).what, kind::unavailable);
  EXPECT_EQ(server_.connections(), 1);
}

TEST_F(Smtp, LogsInAndBlamesItselfForAWrongPassword) {
  auto with = settings();
  with.username = "user";
  with.password = config::secret_source("geheim");
  const auto sender = make_smtp_mail_sender(with);
  server_.answer("AUTH", "535 5.7.8 no");
  const auto refused = send(*sender);
  EXPECT_EQ(refused.what, kind::unavailable);
  EXPECT_THAT(refused.detail, HasSubstr("AUTH: 535 5.7.8 no"));
  server_.answer("AUTH", "535 5.7.8 no");
  EXPECT_FALSE(reachable(*sender));
  for (int i = 0; i < 3; ++i) {
    server_.answer("AUTH", "334 ");
    server_.answer("AHVzZXIAZ2VoZWlt", "235 welcome");  // \0user\0geheim
  }
  EXPECT_TRUE(reachable(*sender));
  EXPECT_EQ(send(*sender).what, kind::accepted);
}

TEST_F(Smtp, RequiresTheTlsThatWasAskedFor) {
  auto with = settings();
  with.tls = smtp_tls::starttls;
  EXPECT_EQ(send(*make_smtp_mail_sender(with)).what, kind::unavailable);
  EXPECT_THAT(server_.lines(), Not(Contains(StartsWith("MAIL"))));
}

TEST_F(Smtp, AsksForUtf8WhereTheAddressNeedsIt) {
  const auto sender = make_smtp_mail_sender(settings());
  EXPECT_EQ(send(*sender, make_mail("sité@example.com")).what, kind::accepted);
  EXPECT_THAT(server_.lines(), Contains(HasSubstr("SMTPUTF8")));
  EXPECT_THAT(server_.lines(), Contains("RCPT TO:<sité@example.com>"));
}

TEST_F(Smtp, IsReachableOverTheConnectionInUse) {
  const auto sender = make_smtp_mail_sender(settings());
  EXPECT_TRUE(reachable(*sender));
  EXPECT_EQ(send(*sender).what, kind::accepted);
  EXPECT_TRUE(reachable(*sender));
  EXPECT_EQ(server_.connections(), 1);
  EXPECT_THAT(server_.lines(), Contains("NOOP"));
}

TEST_F(Smtp, KeepsItsDeadlines) {
  auto with = settings();
  with.deadline = 200ms;
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  with.port = silent.local_endpoint().port();
  const auto sender = make_smtp_mail_sender(with);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(send(*sender).what, kind::unavailable);
  EXPECT_FALSE(reachable(*sender, 200ms));
  EXPECT_LT(std::chrono::steady_clock::now() - began, 2s);
}

TEST_F(Smtp, BreaksOffWhenItIsDestroyed) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor silent(context, {boost::asio::ip::address_v4::loopback(), 0});
  auto with = settings();
  with.port = silent.local_endpoint().port();
  async::runtime cores(1);
  auto sender = make_smtp_mail_sender(with);
  const auto began = std::chrono::steady_clock::now();
  cores.run_until_done([&]() -> async::task<> {
    async::spawn(co_await boost::asio::this_coro::executor, "mail", [&]() -> async::task<> { co_await sender->send(make_mail()); });
    co_await async::sleep_for(50ms);
  });
  sender.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - began, 3s);
}

TEST_F(Smtp, IsUnavailableWhereNobodyListens) {
  auto with = settings();
  {
    boost::asio::io_context context;
    boost::asio::ip::tcp::acceptor closed(context, {boost::asio::ip::address_v4::loopback(), 0});
    with.port = closed.local_endpoint().port();
  }
  const auto sender = make_smtp_mail_sender(with);
  EXPECT_EQ(send(*sender).what, kind::unavailable);
  EXPECT_FALSE(reachable(*sender));
}

}  // namespace
}  // namespace micro_sayur::notification_service
