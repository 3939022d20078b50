// SPDX-License-Identifier: Apache-2.0
#include "user-service/app/check_password.hpp"

#include "platform/base/text.hpp"
#include "user-service/domain/email_address.hpp"
#include "user-service/domain/password_text.hpp"

namespace micro_sayur::user_service {
namespace {

/// The password as it is hashed now and, where that differs, as it was typed: passwords that were set before went in so.
std::vector<crypto::password> forms_of(const crypto::password& typed) {
  std::vector<crypto::password> forms;
  forms.emplace_back(opaque_string(typed.text()));
  if (forms.front().text() != typed.text()) forms.push_back(typed.copy());
  return forms;
}

}  // namespace

std::string throttle_key(std::string_view email) {
  const auto address = parse_email_address(email);
  return address ? address->key : std::string(trimmed(email));
}

async::task<check_password::outcome> check_password::run(credentials typed) {
  const auto key = throttle_key(typed.email);
  auto device = co_await known_device(std::move(typed.device_token), key);
  const login_attempt what{.account = key, .network = typed.from.network, .device = std::move(device)};
  auto found = std::make_shared<owner>();
  auto password = std::make_shared<crypto::password>(std::move(typed.password));
  const auto ended = co_await attempt(what, [this, found, password, key, network = typed.from.network]() -> async::task<attempt_result> {
    *found = co_await find_owner(key, std::move(*password), network);
    co_return std::holds_alternative<account>(*found) ? attempt_result::succeeded : attempt_result::failed;
  });
  if (const auto* refused = std::get_if<throttled>(&ended)) co_return *refused;
  const auto* wrong = std::get_if<nobody>(found.get());
  record(std::get<counted>(ended), wrong != nullptr ? wrong->tried : std::nullopt, typed.from);
  co_return std::visit([](auto& one) -> outcome { return std::move(one); }, *found);
}

/// "" for a stranger. Only who brings a token of ours for this address causes a read, so that others learn nothing by its time.
async::task<std::string> check_password::known_device(std::string token, std::string email_key) {
  const auto device = devices_.recognise(token, email_key);
  if (!device) co_return std::string();
  const auto owner = co_await accounts_.find_by_email(std::move(email_key));
  co_return owner && owner->credential_version == device->credential_version ? device->name : std::string();
}

async::task<std::variant<bool, check_password::throttled>> check_password::opens(registration waiting, crypto::password password,
                                                                                 origin from) {
  const login_attempt what{.account = waiting.id.to_string(), .network = from.network, .device = {}};
  auto right = std::make_shared<bool>(false);
  auto typed = std::make_shared<crypto::password>(std::move(password));
  const auto ended =
      co_await attempt(what, [this, right, typed, hash = waiting.password_hash, network = from.network]() -> async::task<attempt_result> {
        for (auto& form : forms_of(*typed)) {
          const bool opened = co_await hasher_.verify(std::move(form), hash, network);
          *right = *right || opened;
        }
        co_return *right ? attempt_result::unknown : attempt_result::failed;
      });
  if (const auto* refused = std::get_if<throttled>(&ended)) co_return *refused;
  record(std::get<counted>(ended), std::nullopt, from);
  co_return *right;
}

/// Settles the attempt whatever becomes of it.
async::task<std::variant<check_password::throttled, check_password::counted>> check_password::attempt(login_attempt what, work look) {
  auto begun = co_await throttle_.begin(std::move(what));
  if (const auto* refused = std::get_if<login_throttle::refused>(&begun)) co_return throttled{refused->wait};
  auto turn = std::get<login_throttle::turn>(std::move(begun));
  auto result = attempt_result::unknown;
  std::exception_ptr failure;
  try {
    result = co_await look();
  } catch (...) {
    failure = std::current_exception();
  }
  const auto delay = co_await throttle_.settle(std::move(turn), result);
  if (failure) std::rethrow_exception(failure);
  co_return counted{result, delay};
}

void check_password::record(const counted& what, std::optional<uuid> account_id, const origin& from) {
  if (what.result == attempt_result::failed) log_.record(security_events::login_failure, account_id, from);
  if (what.delay.count() > 0) log_.record(security_events::login_lock, account_id, from, std::to_string(what.delay.count()) + " s");
}

/// The same hashes and the same reads whoever has the address.
async::task<check_password::owner> check_password::find_owner(std::string email_key, crypto::password password, std::string network) {
  auto forms = forms_of(password);
  auto known = co_await accounts_.find_by_email(email_key);
  if (known) co_return co_await find_account(std::move(*known), std::move(forms), std::move(network));
  co_return co_await find_registration(std::move(email_key), std::move(forms), std::move(network));
}

async::task<check_password::owner> check_password::find_account(account known, std::vector<crypto::password> forms, std::string network) {
  auto renewed = forms.front().copy();
  std::size_t right = forms.size();
  for (std::size_t i = 0; i < forms.size(); ++i) {
    const bool opened = co_await hasher_.verify(std::move(forms[i]), known.password_hash, network);
    if (opened) right = std::min(right, i);
    co_await registrations_.find_waiting(known.email_key, known.password_hash);
  }
  if (right == forms.size()) co_return nobody{known.id};
  const bool outdated = right > 0 || hasher_.needs_rehash(known.password_hash);
  if (outdated) {
    auto hash = co_await hasher_.hash(std::move(renewed), std::move(network));
    co_await accounts_.replace_hash(known.id, known.password_hash, std::move(hash));
  }
  co_return known;
}

async::task<check_password::owner> check_password::find_registration(std::string email_key, std::vector<crypto::password> forms,
                                                                     std::string network) {
  const auto salt = registration_salt(env_, email_key);
  owner found;
  for (auto& form : forms) {
    auto hash = co_await hasher_.hash(std::move(form), salt, network);
    auto waiting = co_await registrations_.find_waiting(email_key, std::move(hash));
    if (waiting) found = std::move(*waiting);
  }
  co_return found;
}

}  // namespace micro_sayur::user_service
