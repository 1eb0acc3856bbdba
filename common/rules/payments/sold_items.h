// What was sold with an order, and what of it was given back, in units (RFD-08, PAY-11): the price of n units
// after t is that of t + n less that of t, for gross, tax and commission alike.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments.pb.h"

namespace makegood::rules {

using payments::v1::SoldItem;

// What some units are worth, in minor units of the account's currency.
struct Worth {
  int64_t gross = 0;
  int64_t vat = 0;
  int64_t commission = 0;

  int64_t net_of_commission() const { return gross - vat - commission; }
  Worth& operator+=(const Worth& other);
};

// The first `units` of the item, and the next ones that would be given back.
Worth WorthOf(const SoldItem& item, int32_t units);
Worth WorthOfNext(const SoldItem& item, int32_t units);

// What is sold and not given back: of lines and fee, or of surcharges.
Worth KeptOrder(const payments::v1::Account& account);
Worth KeptSurcharges(const payments::v1::Account& account);

// The price of what grants have set aside until the goods are back.
int64_t WorthSetAside(const payments::v1::Account& account);

// Lines and delivery fee together, as ordered.
int64_t OrderTotal(const payments::v1::Account& account);

// The item, or nullptr.
SoldItem* FindItem(payments::v1::Account& account, SoldItem::Kind kind, absl::string_view item_id);
const SoldItem* FindItem(const payments::v1::Account& account, SoldItem::Kind kind,
                         absl::string_view item_id);

// Units of it that are neither given back nor set aside.
int32_t FreeUnits(const SoldItem& item);

// CLM-08: goes back with the whole order and with nothing less: the delivery fee, and goods that were paid as
// a surcharge.
bool GoesWithWholeOrder(const SoldItem& item);

// Units of one item.
struct Piece {
  SoldItem::Kind kind = SoldItem::KIND_UNSPECIFIED;
  std::string item_id;
  int32_t units = 0;
};

// Units of lines, of whatever message tells them.
template <typename Units>
std::vector<Piece> LinePieces(const Units& units) {
  std::vector<Piece> pieces;
  for (const auto& of_line : units) {
    pieces.push_back({SoldItem::KIND_LINE, of_line.line_id(), of_line.quantity()});
  }
  return pieces;
}

// Whatever is neither given back nor set aside.
std::vector<Piece> AllThatIsLeft(const payments::v1::Account& account);

// The lines and the fee of an order, as the items of its account.
void SetItems(const events::v1::OrderCreated& created, const Policy& policy, payments::v1::Account& account);
void SetItems(const orders::v1::Order& order, const Policy& policy, payments::v1::Account& account);

// A line that came later becomes one.
void AddItem(const events::v1::OrderedLine& line, const Policy& policy, payments::v1::Account& account);

// RFD-04: so much of the delivery fee, or of a surcharge, becomes an item of its own, which can be given back
// before the rest of it: all of it where that is no more. Nothing is left to split where it was given back,
// or that change split one of its kind before.
std::optional<Piece> SplitOff(int64_t amount_minor, const std::string& change_id, SoldItem::Kind kind,
                              const std::string& item_id, payments::v1::Account& account);

// The fee that an order came in with, where its account began with the order as it was known later.
void SetOriginalFee(const base::v1::Money& fee, payments::v1::Account& account);

// A surcharge that is PAID becomes one.
void AddItem(const payments::v1::Surcharge& surcharge, absl::Time paid, payments::v1::Account& account);

// Charged for a way: to somewhere else, or once more. Going out uses it up (ORD-06).
bool IsForTheWay(base::v1::SurchargeKind kind);

}  // namespace makegood::rules
