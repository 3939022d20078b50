// SPDX-License-Identifier: Apache-2.0
// What holds for the pages of every service.
#pragma once

#include "platform/page_frame/page_frame.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace micro_sayur {

/// Throws std::runtime_error when it is not there.
const page& find_page(const std::vector<page>& pages, std::string_view path);

std::vector<page> pages_of(std::span<const embedded_file> files);

/// Nothing inline, and no HTML made of text.
void expect_nothing_that_the_policy_forbids(const std::vector<page>& pages);

/// No link begins at the root, and each to an asset leads to one of `pages` or of the frame.
void expect_relative_links(const std::vector<page>& pages);

/// Each text of a page that is translated has an English one in `dictionary`.
void expect_english_texts(const std::vector<page>& pages, std::string_view dictionary);

}  // namespace micro_sayur
