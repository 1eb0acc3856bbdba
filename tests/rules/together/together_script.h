// An order on some marketplace, and what is done with it, its claims and its money, at random.
#pragma once

#include <rapidcheck/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "tests/rules/payments/money_desk.h"
#include "tests/rules/payments/money_script.h"
#include "tests/support/orders_support.h"

namespace makegood::testing {

// The shipped policies, and of one marketplace perhaps a changed one.
struct Marketplace {
  std::string name;
  std::string currency;
  const rules::PolicyBook* policies;
};

inline const std::vector<Marketplace>& Marketplaces() {
  static const auto* const netted = new rules::PolicyBook(PoliciesWith("default", [](rules::Policy& policy) {
    policy.mutable_credit_notes()->set_for_cases(false);
    policy.mutable_refunds()->set_return_gives_delivery_fee(true);
    policy.mutable_refunds()->set_return_gives_used_surcharges(true);
  }));
  static const auto* const verified_by_paper =
      new rules::PolicyBook(PoliciesWith("default", [](rules::Policy& policy) {
        auto& verification = *policy.mutable_claims()->mutable_verification();
        verification.set_evidence_within_days(2);
        verification.set_opens_working_day(1);
        verification.set_due_working_day(3);
        verification.set_appeal_within_days(2);
        verification.set_max_claim_bytes(10'000);
      }));
  static const auto* const all = new std::vector<Marketplace>{
      {"mall", "EUR", &ShippedPolicies()},  {"flowwow", "TRY", &ShippedPolicies()},
      {"tmall", "CNY", &ShippedPolicies()}, {"default", "EUR", &ShippedPolicies()},
      {"default", "EUR", netted},           {"default", "EUR", verified_by_paper}};
  return *all;
}

struct TogetherScript {
  int marketplace;
  bool cash;
  int fee;
  std::vector<int> lines;  // of each what its quantity, price and tax derive from
  int begins;              // how far the order has come before the first step
  std::vector<MoneyStep> steps;
  int end;  // how the order ends if it has not, and what is chosen where people may choose
};

inline std::ostream& operator<<(std::ostream& out, const TogetherScript& script) {
  out << "marketplace " << script.marketplace << " cash " << script.cash << " fee " << script.fee
      << " begins " << script.begins << " end " << script.end << " lines";
  for (const int line : script.lines) out << " " << line;
  for (const MoneyStep& step : script.steps) out << " " << step;
  return out;
}

inline const Marketplace& MarketplaceOf(const TogetherScript& script) {
  return Marketplaces()[script.marketplace];
}

// Of each line few units, so that what is done with them collides.
inline orders::v1::NewOrder NewOrderOf(const TogetherScript& script) {
  static constexpr int kTaxes[] = {2'100, 0, 500};
  const Marketplace& at = MarketplaceOf(script);
  orders::v1::NewOrder order = SomeOrder();
  order.set_marketplace(at.name);
  order.set_currency(at.currency);
  if (script.cash) order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
  order.clear_lines();
  for (const int line : script.lines) {
    orders::v1::NewOrderLine& added = *order.add_lines();
    added.set_line_id(absl::StrCat("l-", order.lines_size()));
    added.set_sku("sku-1");
    added.set_quantity(1 + line % 3);
    added.mutable_unit_price()->set_amount_minor(line / 3 % 30);
    added.mutable_unit_price()->set_currency(at.currency);
    added.set_vat_basis_points(kTaxes[line / 90 % 3]);
  }
  // Those that are to have left by the first step go where they can be delivered to.
  order.set_zone(static_cast<base::v1::AddressZone>(script.end % (script.begins < 2 ? 4 : 3)));
  order.set_address_to_be_confirmed(script.begins == 1);
  order.mutable_customer()->add_address_lines("Hlavni 1");
  *order.mutable_promised_ship_time() = rules::ToTimestamp(At("2026-09-03T18:00+02:00"));
  order.mutable_delivery_fee()->set_amount_minor(script.fee);
  order.mutable_delivery_fee()->set_currency(at.currency);
  return order;
}

inline rc::Gen<TogetherScript> ATogetherScript() {
  const auto step = rc::gen::construct<MoneyStep>(Within(0, 10'000), Within(0, 20), Within(0, 12),
                                                  Within<int64_t>(1, 60), rc::gen::arbitrary<bool>());
  return rc::gen::construct<TogetherScript>(
      Within(0, static_cast<int>(Marketplaces().size())), rc::gen::arbitrary<bool>(),
      rc::gen::element(0, 7, 20),
      rc::gen::nonEmpty(rc::gen::resize(3, rc::gen::container<std::vector<int>>(Within(0, 270)))),
      rc::gen::weightedElement<int>({{1, 0}, {2, 1}, {4, 2}, {3, 3}, {6, 4}}),
      rc::gen::resize(50, rc::gen::container<std::vector<MoneyStep>>(step)), Within(0, 12));
}

}  // namespace makegood::testing
