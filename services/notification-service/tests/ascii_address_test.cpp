// SPDX-License-Identifier: Apache-2.0
#include "notification-service/domain/ascii_address.hpp"

#include <gtest/gtest.h>

namespace micro_sayur::notification_service {
namespace {

TEST(AsciiAddress, HasTheDomainThatTheDnsKnows) {
  EXPECT_EQ(with_ascii_domain("x@faß.de"), "x@xn--fa-hia.de") << "IDNA 2008, not fass.de";
  EXPECT_EQ(with_ascii_domain("x@Bücher.example"), "x@xn--bcher-kva.example");
  EXPECT_EQ(with_ascii_domain("bücher@bücher.example"), "bücher@xn--bcher-kva.example") << "the local part is its owner's";
  EXPECT_EQ(with_ascii_domain("a@ü@bücher.example"), "a@ü@xn--bcher-kva.example");
}

TEST(AsciiAddress, IsOtherwiseAsItWas) {
  for (const auto* address : {"Budi@Example.COM", "bücher@example.com", "", "@", "nobody", "x@\xff.example", "x@\xe2\x80\xae.example"})
    EXPECT_EQ(with_ascii_domain(address), address);
}

}  // namespace
}  // namespace micro_sayur::notification_service
