// An order and what is done with it, at random.
#pragma once

#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {

// One step: what is done, by whom, to which thing, over how much; and whether the news of it is told twice.
struct MoneyStep {
  int what;
  int actor;
  int which;
  int64_t amount;
  bool twice;
};

inline std::ostream& operator<<(std::ostream& out, const MoneyStep& step) {
  return out << "{" << step.what << ", " << step.actor << ", " << step.which << ", " << step.amount << ", "
             << step.twice << "}";
}

inline constexpr int kKinds = 34;

// An order, and how it is played.
struct MoneyScript {
  bool cash;
  bool paper;       // credit_notes.for_cases
  bool gives_fee;   // refunds.return_gives_delivery_fee
  bool gives_used;  // refunds.return_gives_used_surcharges
  int history;      // 0: none; else the order was imported, and how far it had come
  int fee;
  std::vector<int> lines;  // of each what its quantity, price and tax derive from
  std::vector<MoneyStep> steps;
  int end;  // how the order ends if it has not
};

inline std::ostream& operator<<(std::ostream& out, const MoneyScript& script) {
  out << "cash " << script.cash << " paper " << script.paper << " gives " << script.gives_fee
      << script.gives_used << " history " << script.history << " fee " << script.fee << " end " << script.end
      << " lines";
  for (const int line : script.lines) out << " " << line;
  for (const MoneyStep& step : script.steps) out << " " << step;
  return out;
}

// The default policy in all variants that matter to money.
inline const rules::PolicyBook& PoliciesFor(const MoneyScript& script) {
  static const std::vector<rules::PolicyBook>* const books = [] {
    auto* const made = new std::vector<rules::PolicyBook>();
    for (int bits = 0; bits < 8; ++bits) {
      absl::StatusOr<rules::PolicyBook> book = rules::PolicyBook::Shipped();
      rules::Policy policy = **book->Current("flowwow");
      policy.set_version(policy.version() + 1);
      policy.mutable_credit_notes()->set_for_cases((bits & 1) != 0);
      policy.mutable_refunds()->set_return_gives_delivery_fee((bits & 2) != 0);
      policy.mutable_refunds()->set_return_gives_used_surcharges((bits & 4) != 0);
      EXPECT_THAT(book->AddPolicy(policy), IsOk());
      made->push_back(*std::move(book));
    }
    return made;
  }();
  return (*books)[(script.paper ? 1 : 0) + (script.gives_fee ? 2 : 0) + (script.gives_used ? 4 : 0)];
}

inline MoneyOf OrderOf(const MoneyScript& script) {
  static constexpr int kTaxes[] = {2'100, 0, 500};
  MoneyOf money{.policies = &PoliciesFor(script)};
  money.lines.clear();
  for (const int line : script.lines) {
    money.lines.push_back({absl::StrCat("l-", money.lines.size() + 1), 1 + line % 4, (line / 4) % 30,
                           kTaxes[(line / 120) % 3]});
  }
  money.delivery_fee_minor = script.fee;
  return script.cash ? CashOf(money) : money;
}

// From all of the range, whatever the size.
template <typename T>
rc::Gen<T> Within(T from, T below) {
  return rc::gen::resize(rc::kNominalSize, rc::gen::inRange<T>(from, below));
}

inline rc::Gen<MoneyStep> AMoneyStep() {
  return rc::gen::construct<MoneyStep>(Within(0, kKinds), Within(0, 20), Within(0, 12),
                                       Within<int64_t>(1, 60), rc::gen::arbitrary<bool>());
}

inline rc::Gen<MoneyScript> AMoneyScript() {
  const auto yes_or_no = rc::gen::arbitrary<bool>();
  return rc::gen::construct<MoneyScript>(
      yes_or_no, yes_or_no, yes_or_no, yes_or_no,
      rc::gen::weightedOneOf<int>({{3, rc::gen::just(0)}, {1, Within(1, 60)}}), rc::gen::element(0, 7, 20),
      rc::gen::nonEmpty(rc::gen::resize(3, rc::gen::container<std::vector<int>>(Within(0, 360)))),
      rc::gen::resize(70, rc::gen::container<std::vector<MoneyStep>>(AMoneyStep())), Within(0, 6));
}

}  // namespace makegood::testing
