// SPDX-License-Identifier: Apache-2.0
// Where passwords are left in memory: this program's own operator delete looks at what is freed. ThreadSanitizer brings its own, which
// cannot be replaced.
#if !__has_feature(thread_sanitizer)
#include "user-service/app/register_user.hpp"
#include "user-service/domain/password_text.hpp"
#include "user-service/tests/session_fixture.hpp"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace micro_sayur::user_service {
namespace {

/// What is looked for while it is not empty. Static storage: nothing of it is freed.
constinit std::string_view searched;
constinit std::atomic<int> found = 0;
constinit std::atomic<const void*> awaited = nullptr;  ///< null again once it is freed

void look_at(const void* freed) {
  const void* address = freed;
  if (freed != nullptr) awaited.compare_exchange_strong(address, nullptr);
  if (freed == nullptr || searched.empty()) return;
  if (::memmem(freed, ::malloc_usable_size(const_cast<void*>(freed)), searched.data(), searched.size()) != nullptr) ++found;
}

void* allocated(std::size_t size) {
  if (void* made = std::malloc(size == 0 ? 1 : size)) return made;
  throw std::bad_alloc();
}

void freed(void* what) {
  look_at(what);
  std::free(what);
}

}  // namespace
}  // namespace micro_sayur::user_service

void* operator new(std::size_t size) { return micro_sayur::user_service::allocated(size); }
void* operator new[](std::size_t size) { return micro_sayur::user_service::allocated(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size == 0 ? 1 : size); }
void operator delete(void* what) noexcept { micro_sayur::user_service::freed(what); }
void operator delete[](void* what) noexcept { micro_sayur::user_service::freed(what); }
void operator delete(void* what, std::size_t) noexcept { micro_sayur::user_service::freed(what); }
void operator delete[](void* what, std::size_t) noexcept { micro_sayur::user_service::freed(what); }
void operator delete(void* what, const std::nothrow_t&) noexcept { micro_sayur::user_service::freed(what); }
void operator delete[](void* what, const std::nothrow_t&) noexcept { micro_sayur::user_service::freed(what); }

namespace micro_sayur::user_service {
namespace {

/// Whether the password was freed when the mail was counted, which is before anything is stored.
class watching_allowance final : public mail_allowance {
 public:
  async::task<bool> take(mail_cause, std::string, origin) override {
    was_gone = awaited == nullptr;
    co_return true;
  }
  async::task<std::optional<std::chrono::seconds>> take_request(std::string) override { co_return std::nullopt; }
  async::task<> give_back(mail_cause, std::string, origin) override { co_return; }

  std::optional<bool> was_gone = std::nullopt;
};

/// Whether it was freed when the change was recorded.
class watching_log final : public security_log {
 public:
  void record(std::string_view, std::optional<uuid>, const origin&, std::string_view) override { was_gone = awaited == nullptr; }

  std::optional<bool> was_gone = std::nullopt;
};

TEST(PasswordLifetime, MappingLeavesNoCopy) {
  static constexpr const char* typed = "e\u0301\u3000kangkung-segar-tiap-sore";
  searched = "kangkung-segar-tiap-sore";
  found = 0;
  {
    const crypto::password kept{std::string(typed)};
    EXPECT_EQ(found, 0) << "a password itself leaves none";
    const crypto::password mapped(opaque_string(kept.text()));
    EXPECT_EQ(mapped.text(), "\u00e9 kangkung-segar-tiap-sore");
  }
  searched = {};
  EXPECT_EQ(found, 0);
}

TEST(PasswordLifetime, EndsBeforeARegistrationIsStored) {
  test::world world;
  watching_allowance allowance;
  register_user registering{world.env, world.stores, world.stores, world.stores, world.hasher, allowance};
  register_user::command what{"budi@example.com", crypto::password("bayam-segar-tiap-pagi"), "Budi", "id", std::nullopt, {}};
  awaited = &what.password.text();
  test::run(registering.run(std::move(what)));
  EXPECT_EQ(allowance.was_gone, true);
}

struct PasswordLifetimeOfResets : test::Sessions {};

TEST_F(PasswordLifetimeOfResets, EndsBeforeANewOneIsStored) {
  ask_for_reset("budi@example.com");
  watching_log log;
  reset_password watched{world.env, world.stores, world.verdicts, world.hasher, world.throttle, world.devices, log};
  crypto::password what("bayam-segar-tiap-pagi");
  awaited = &what.text();
  test::run(watched.run(world.mailed_token(), std::move(what), {}));
  EXPECT_EQ(log.was_gone, true);
}

}  // namespace
}  // namespace micro_sayur::user_service

#endif
