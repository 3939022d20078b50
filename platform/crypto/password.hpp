// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace micro_sayur::crypto {

/// Overwrites what the string holds; its size stays.
void wipe(std::string& text);

/// A password as somebody typed it, wiped at its end. Move-only; on the heap, because moving a short std::string leaves its characters
/// behind.
class password {
 public:
  /// Takes the text over and wipes what it took it from.
  explicit password(std::string&& text) : text_(std::make_unique<std::string>(text)) { wipe(text); }
  password(password&&) = default;
  password& operator=(password&&) = delete;
  ~password() {
    if (text_) wipe(*text_);
  }

  password copy() const { return password(std::string(*text_)); }

  /// Valid until this is moved or destroyed.
  const std::string& text() const { return *text_; }

 private:
  std::unique_ptr<std::string> text_;
};

}  // namespace micro_sayur::crypto
