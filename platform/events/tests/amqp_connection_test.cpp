// SPDX-License-Identifier: Apache-2.0
// Who may connect to whom.
#include "platform/events/tests/transport_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::events::amqp {
namespace {

using testing::ElementsAre;

TEST(AmqpConnection, SaysWhyItCannotLogInWithoutTellingThePassword) {
  auto parameters = test_broker();
  parameters.password = [] { return "wrong-secret"; };
  try {
    const connection refused(parameters);
    FAIL() << "a wrong password was accepted";
  } catch (const connection_error& failure) {
    EXPECT_THAT(failure.what(), testing::HasSubstr("ACCESS_REFUSED"));
    EXPECT_THAT(failure.what(), testing::Not(testing::HasSubstr("wrong-secret")));
  }
}

TEST(AmqpConnection, ConnectsOverTlsToAServerThatItsAuthorityVouchesFor) {
  on_core([]() -> async::task<> {
    const auto out = make_publisher(test_broker_over_tls(), declared_topology().exchange);
    const auto outcomes = co_await out->publish({make_event(1)});
    EXPECT_THAT(outcomes, ElementsAre(publish_outcome::confirmed));
    co_await out->close();
  });
}

TEST(AmqpConnection, RefusesAServerWhoseCertificateNoAuthorityVouchesFor) {
  auto parameters = test_broker_over_tls();
  parameters.ca_file.clear();
  EXPECT_THROW(connection{parameters}, connection_error);
}

}  // namespace
}  // namespace micro_sayur::events::amqp
