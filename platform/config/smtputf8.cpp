// SPDX-License-Identifier: Apache-2.0
#include "platform/config/smtputf8.hpp"

namespace micro_sayur::config {

smtputf8 read_smtputf8(reader& from) {
  const auto text = from.one_of("MAIL_SMTPUTF8",
                                "whether the mail server takes addresses like börje@example.com: it is asked (auto), or known; where it is "
                                "known not to, nobody can register with one",
                                {"auto", "true", "false"}, "auto");
  if (text == "auto") return smtputf8::ask;
  return text == "true" ? smtputf8::yes : smtputf8::no;
}

}  // namespace micro_sayur::config
