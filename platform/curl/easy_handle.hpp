// SPDX-License-Identifier: Apache-2.0
// One transfer at a time with libcurl, which keeps its connection for the next.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <concepts>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace micro_sayur::curl {

/// libcurl refused to be set up: a fault of ours.
class setup_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct free_list {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using string_list = std::unique_ptr<curl_slist, free_list>;

/// The list with `text` behind it. Throws setup_error.
string_list append(string_list list, const std::string& text);

/// Blocking; used by one thread at a time. Signals are never used, so that time-outs work on any thread.
class easy_handle {
 public:
  /// Throws setup_error.
  easy_handle();

  /// Each throws setup_error when this libcurl does not know the option or the value. Texts are copied, pointers are not.
  void set(CURLoption option, const std::string& text) { check(option, curl_easy_setopt(handle_.get(), option, text.c_str())); }
  void set(CURLoption option, std::integral auto number) {
    check(option, curl_easy_setopt(handle_.get(), option, static_cast<long>(number)));
  }
  void set_size(CURLoption option, curl_off_t size) { check(option, curl_easy_setopt(handle_.get(), option, size)); }
  template <typename T>
    requires std::is_pointer_v<T>
  void set_pointer(CURLoption option, T pointer) {
    check(option, curl_easy_setopt(handle_.get(), option, pointer));
  }
  void unset(CURLoption option) { set_pointer(option, static_cast<void*>(nullptr)); }

  CURLcode perform();

  /// Ends the connection of the last transfer, if it is still open, from this side: nothing more is said or waited for on it.
  void cut_connection();

  /// The last reply's code, or 0.
  long response_code() const { return number(CURLINFO_RESPONSE_CODE); }

  /// Seconds that the last reply asks to wait for, or 0 (RFC 9110 section 10.2.3).
  std::chrono::seconds retry_after() const {
    curl_off_t found = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &found);
    return std::chrono::seconds(found);
  }

  /// Connections that the last transfer had to open.
  long connections_opened() const { return number(CURLINFO_NUM_CONNECTS); }

  /// What the last transfer failed of, in words.
  std::string describe(CURLcode failure) const;

 private:
  struct cleanup {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };

  static void check(CURLoption option, CURLcode result);
  long number(CURLINFO what) const;

  std::unique_ptr<char[]> error_;  ///< until the handle is gone
  std::unique_ptr<CURL, cleanup> handle_;
};

}  // namespace micro_sayur::curl
