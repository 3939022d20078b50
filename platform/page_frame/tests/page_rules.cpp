// SPDX-License-Identifier: Apache-2.0
#include "platform/page_frame/tests/page_rules.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace micro_sayur {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> all_of(const std::string& body, const char* pattern) {
  const std::regex expression(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator match(body.begin(), body.end(), expression), end; match != end; ++match) found.push_back((*match)[1]);
  return found;
}

bool is_asset(const page& one) { return one.path.starts_with("/assets/"); }

}  // namespace

const page& find_page(const std::vector<page>& pages, std::string_view path) {
  const auto found = std::ranges::find(pages, path, &page::path);
  if (found == pages.end()) throw std::runtime_error("no page " + std::string(path));
  return *found;
}

std::vector<page> pages_of(std::span<const embedded_file> files) {
  std::vector<page> pages;
  for (const auto& file : files) pages.push_back(page_of(file));
  return pages;
}

void expect_nothing_that_the_policy_forbids(const std::vector<page>& pages) {
  static const std::regex inline_code(R"re(<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:)re");
  for (const auto& one : pages) {
    if (!is_asset(one)) EXPECT_FALSE(std::regex_search(one.body, inline_code)) << one.path;
    EXPECT_THAT(one.body, Not(HasSubstr("innerHTML"))) << one.path;
  }
}

void expect_relative_links(const std::vector<page>& pages) {
  auto served = pages_of(page_frame_files);
  served.insert(served.end(), pages.begin(), pages.end());
  for (const auto& one : pages) {
    if (is_asset(one)) continue;
    for (const auto& target : all_of(one.body, R"re((?:src|href|data-endpoint)="([^"]*)")re")) {
      EXPECT_FALSE(target.starts_with("/") || target.starts_with("http")) << one.path << " links " << target;
      if (target.starts_with("assets/")) EXPECT_NO_THROW(find_page(served, "/" + target)) << one.path << " links " << target;
    }
  }
}

void expect_english_texts(const std::vector<page>& pages, std::string_view dictionary) {
  for (const auto& one : pages) {
    if (is_asset(one)) continue;
    for (const auto& key : all_of(one.body, R"re(data-text="([^"]*)")re")) EXPECT_THAT(dictionary, HasSubstr("'" + key + "':")) << one.path;
  }
}

}  // namespace micro_sayur
