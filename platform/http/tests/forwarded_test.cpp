// SPDX-License-Identifier: Apache-2.0
// Whose request it is, with the values that the deployments set.
#include "platform/http/forwarded.hpp"
#include "platform/config/network.hpp"

#include <gtest/gtest.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

namespace micro_sayur::http {
namespace {

namespace fs = std::filesystem;

struct deployment {
  std::string where;
  std::string trusted;
  std::size_t hops = 1;
};

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

std::string found(const std::string& text, const char* pattern) {
  std::smatch match;
  return std::regex_search(text, match, std::regex(pattern)) ? match[1].str() : "";
}

/// Every file of deployments/ that sets trusted.proxies; where a file sets no hops, those of the base hold.
std::vector<deployment> deployments() {
  const fs::path root(MICRO_SAYUR_SOURCE_DIR);
  const auto base_hops = found(text_of(root / "deployments/k8s/base/app-config.properties"), R"(\ntrusted\.proxy\.hops=(\d+))");
  std::vector<deployment> all;
  for (const auto& entry : fs::recursive_directory_iterator(root / "deployments")) {
    const auto extension = entry.path().extension();
    if (extension != ".properties" && extension != ".yaml" && extension != ".tf") continue;
    const auto text = text_of(entry.path());
    auto trusted = found(text, R"(trusted\.proxies"?\s*=\s*"?([^"\n\]]+))");
    if (trusted.empty()) continue;
    trusted = std::regex_replace(trusted, std::regex(R"(\$\{var\.vpc_cidr\})"), "10.0.0.0/16");
    const auto hops = found(text, R"(trusted\.proxy\.hops"?\s*=\s*"?(\d+))");
    all.push_back({entry.path(), trusted, std::stoul(hops.empty() ? base_hops : hops)});
  }
  return all;
}

deployment compose() {
  const auto text = text_of(fs::path(MICRO_SAYUR_SOURCE_DIR) / "docker-compose.yml");
  const auto hops = found(text, R"(TRUSTED_PROXY_HOPS: [^"]*"\$\{TRUSTED_PROXY_HOPS:-(\d+)\})");
  return {"docker-compose.yml", found(text, R"(TRUSTED_PROXIES: [^"]*"\$\{APP_SUBNET:-([^}]+)\})"), std::stoul(hops)};
}

std::string client_of(const deployment& at, const std::string& peer, const std::string& forwarded) {
  std::vector<config::network> networks;
  std::istringstream list(at.trusted);
  for (std::string one; std::getline(list, one, ',');) networks.push_back(config::network::parse(one).value());
  const proxy_chain proxies{
      .is_trusted = [trusted = config::network_list(networks)](const auto& address) { return trusted.matches(address); }, .hops = at.hops};
  return client_address(boost::asio::ip::make_address(peer), {{"x-forwarded-for", forwarded}}, proxies).to_string();
}

// The entrance appends the client, the gateway (10.0.1.2) appends the entrance (10.0.9.9; in a mesh its sidecar, 127.0.0.6).
TEST(ForwardedInKubernetes, IsWhomTheEntranceSaw) {
  const auto all = deployments();
  ASSERT_GE(all.size(), 3U);
  for (const auto& at : all) {
    const bool mesh = at.trusted.find("127.0.0.0/8") != std::string::npos;
    const std::string gateway = mesh ? "127.0.0.6" : "10.0.1.2";
    const std::string entrance = mesh ? "127.0.0.6" : "10.0.9.9";
    EXPECT_EQ(client_of(at, gateway, "203.0.113.9, " + entrance), "203.0.113.9") << at.where;
    EXPECT_EQ(client_of(at, gateway, "6.6.6.6, 203.0.113.9, " + entrance), "203.0.113.9") << at.where;
    // Clients within the trusted networks, or behind an address of theirs (SNAT), choose no address.
    EXPECT_EQ(client_of(at, gateway, "6.6.6.6, 10.0.3.4, " + entrance), "10.0.3.4") << at.where;
    EXPECT_EQ(client_of(at, gateway, "6.6.6.6, 10.0.0.1, 10.0.3.4, " + entrance), "10.0.3.4") << at.where;
    EXPECT_EQ(client_of(at, gateway, "6.6.6.6, 127.0.0.1, " + entrance), "127.0.0.1") << at.where;
  }
}

// The gateway appends its client, which is the bridge (10.201.7.1) where Docker translates addresses.
TEST(ForwardedInCompose, IsWhomTheGatewaySaw) {
  const auto at = compose();
  ASSERT_FALSE(at.trusted.empty());
  EXPECT_EQ(client_of(at, "10.201.7.5", "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of(at, "10.201.7.5", "6.6.6.6, 203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(client_of(at, "10.201.7.5", "6.6.6.6, 10.201.7.1"), "10.201.7.1");
  EXPECT_EQ(client_of(at, "192.168.1.1", "6.6.6.6"), "192.168.1.1");
}

TEST(Forwarded, GoesNoFurtherThanItsHopsAndThoseThatAreTrusted) {
  const deployment one{"", "10.0.0.0/8", 1};
  const deployment three{"", "10.0.0.0/8", 3};
  EXPECT_EQ(client_of(one, "10.0.0.1", "6.6.6.6, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client_of(three, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.3, 10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(client_of(three, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2"), "203.0.113.9");
  EXPECT_EQ(client_of(three, "10.0.0.1", "10.0.0.2"), "10.0.0.2");
}

TEST(Forwarded, StopsAtWhatIsNoAddress) {
  const deployment three{"", "10.0.0.0/8", 3};
  EXPECT_EQ(client_of(three, "10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client_of(three, "10.0.0.1", "6.6.6.6, unknown"), "10.0.0.1");
  EXPECT_EQ(client_of(three, "10.0.0.1", "6.6.6.6, unknown, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client_of(three, "10.0.0.1", ",,10.0.0.2"), "10.0.0.2");
}

}  // namespace
}  // namespace micro_sayur::http
