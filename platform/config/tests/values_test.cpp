// SPDX-License-Identifier: Apache-2.0
#include "platform/config/network.hpp"
#include "platform/config/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace micro_sayur::config {
namespace {

using boost::asio::ip::make_address;
using std::chrono::seconds;

TEST(ConfigDuration, HasSuffixes) {
  EXPECT_EQ(parse_duration("30"), seconds(30));
  EXPECT_EQ(parse_duration("30s"), seconds(30));
  EXPECT_EQ(parse_duration("15m"), seconds(900));
  EXPECT_EQ(parse_duration("24h"), seconds(86'400));
  EXPECT_EQ(parse_duration("30d"), seconds(2'592'000));
  EXPECT_EQ(parse_duration("0"), seconds(0));
}

TEST(ConfigDuration, RefusesOtherTexts) {
  for (const auto* text :
       {"", "s", "-1", "1.5h", "1h30m", " 1", "1 ", "1w", "+1", "36501d", "99999999999999999999", "9223372036854775807d"})
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
}

TEST(ConfigDuration, IsWrittenAsItIsRead) {
  for (const int count : {0, 1, 59, 60, 61, 900, 3600, 86'400, 90'000}) EXPECT_EQ(parse_duration(to_text(seconds(count))), seconds(count));
  EXPECT_EQ(to_text(seconds(900)), "15m");
  EXPECT_EQ(to_text(seconds(61)), "61s");
}

TEST(ConfigUrl, IsNormalisedWithoutASlashAtItsEnd) {
  EXPECT_EQ(parse_http_url("http://127.0.0.1:8080"), "http://127.0.0.1:8080");
  EXPECT_EQ(parse_http_url("HTTPS://Sayur.Example/users/"), "https://sayur.example/users");
  EXPECT_EQ(parse_http_url("https://[::1]:8443/"), "https://[::1]:8443");
}

TEST(ConfigUrl, IsAbsoluteHttpWithoutExtras) {
  for (const auto* text : {"", "sayur.example", "/users", "ftp://sayur.example", "http://", "http://user:secret@sayur.example",
                           "http://sayur.example/?a=b", "http://sayur.example/#top", "http://sayur.example:99999", "http://a b"})
    EXPECT_EQ(parse_http_url(text), std::nullopt) << text;
}

TEST(ConfigList, LeavesBlanksAndEmptyPartsOut) {
  EXPECT_THAT(split_list(" a ,, b,c , "), testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_list(""), testing::IsEmpty());
}

bool contains(std::string_view block, std::string_view address) {
  const auto parsed = network::parse(block);
  EXPECT_TRUE(parsed) << block;
  return parsed && parsed->contains(make_address(address));
}

TEST(ConfigNetwork, ComparesThePrefixOnly) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(contains("10.9.8.7/8", "10.0.0.1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(ConfigNetwork, OfOneAddressNeedsNoPrefix) {
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("::1", "::1"));
  EXPECT_FALSE(contains("::1", "::2"));
}

TEST(ConfigNetwork, TakesMappedAddressesForIpv4) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3"));
  EXPECT_FALSE(contains("::ffff:10.0.0.0/104", "11.1.2.3"));
  EXPECT_FALSE(contains("::/0", "10.1.2.3"));
}

TEST(ConfigNetwork, RefusesOtherTexts) {
  for (const auto* text : {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0/8", "::/129", "::ffff:10.0.0.0/80", "localhost",
                           "fe80::1%2", "10.0.0.0/8/8"})
    EXPECT_FALSE(network::parse(text)) << text;
}

}  // namespace
}  // namespace micro_sayur::config
