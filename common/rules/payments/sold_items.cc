#include "common/rules/payments/sold_items.h"

#include <string>
#include <utility>

#include "common/base/money.h"
#include "common/rules/messages.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;

Worth Kept(const Account& account, bool surcharges) {
  Worth kept;
  for (const SoldItem& item : account.items()) {
    if ((item.kind() == SoldItem::KIND_SURCHARGE) != surcharges) continue;
    kept += WorthOfNext(item, item.quantity() - item.given());
  }
  return kept;
}

// Of both an order's and an event's lines.
template <typename Line>
void AddLine(const Line& line, const base::v1::Money& unit_price, const Policy& policy, Account& account) {
  SoldItem& item = *account.add_items();
  item.set_kind(SoldItem::KIND_LINE);
  item.set_item_id(line.line_id());
  item.set_quantity(line.quantity());
  *item.mutable_unit_price() = unit_price;
  item.set_vat_basis_points(line.vat_basis_points());
  item.set_commission_basis_points(policy.orders().commission_basis_points());
}

void AddFee(const base::v1::Money& fee, Account& account) {
  if (fee.amount_minor() == 0) return;
  SoldItem& item = *account.add_items();
  item.set_kind(SoldItem::KIND_DELIVERY_FEE);
  item.set_quantity(1);
  *item.mutable_unit_price() = fee;
}

}  // namespace

Worth& Worth::operator+=(const Worth& other) {
  gross += other.gross;
  vat += other.vat;
  commission += other.commission;
  return *this;
}

Worth WorthOf(const SoldItem& item, int32_t units) {
  Worth worth;
  worth.gross = item.unit_price().amount_minor() * units;
  const int64_t net = NetOfTax(worth.gross, item.vat_basis_points());
  worth.vat = worth.gross - net;
  worth.commission = ApplyRate(net, item.commission_basis_points());
  return worth;
}

Worth WorthOfNext(const SoldItem& item, int32_t units) {
  Worth worth = WorthOf(item, item.given() + units);
  const Worth before = WorthOf(item, item.given());
  worth.gross -= before.gross;
  worth.vat -= before.vat;
  worth.commission -= before.commission;
  return worth;
}

Worth KeptOrder(const Account& account) { return Kept(account, /*surcharges=*/false); }

Worth KeptSurcharges(const Account& account) { return Kept(account, /*surcharges=*/true); }

int64_t WorthSetAside(const Account& account) {
  int64_t worth = 0;
  for (const SoldItem& item : account.items()) worth += item.unit_price().amount_minor() * item.reserved();
  return worth;
}

int64_t OrderTotal(const Account& account) {
  int64_t total = 0;
  for (const SoldItem& item : account.items()) {
    if (item.kind() != SoldItem::KIND_SURCHARGE) total += WorthOf(item, item.quantity()).gross;
  }
  return total;
}

const SoldItem* FindItem(const Account& account, SoldItem::Kind kind, absl::string_view item_id) {
  for (const SoldItem& item : account.items()) {
    if (item.kind() == kind && item.item_id() == item_id) return &item;
  }
  return nullptr;
}

SoldItem* FindItem(Account& account, SoldItem::Kind kind, absl::string_view item_id) {
  return const_cast<SoldItem*>(FindItem(std::as_const(account), kind, item_id));
}

int32_t FreeUnits(const SoldItem& item) { return item.quantity() - item.given() - item.reserved(); }

bool GoesWithWholeOrder(const SoldItem& item) {
  return item.kind() == SoldItem::KIND_DELIVERY_FEE ||
         item.surcharge_kind() == base::v1::SURCHARGE_KIND_ADDED_PRODUCT ||
         item.surcharge_kind() == base::v1::SURCHARGE_KIND_EXTRA_GOODS;
}

std::vector<Piece> AllThatIsLeft(const Account& account) {
  std::vector<Piece> left;
  for (const SoldItem& item : account.items()) {
    const int32_t units = FreeUnits(item);
    if (units > 0) left.push_back({item.kind(), item.item_id(), units});
  }
  return left;
}

void SetItems(const events::v1::OrderCreated& created, const Policy& policy, Account& account) {
  account.clear_items();
  for (const events::v1::OrderedLine& line : created.lines()) {
    AddLine(line, line.unit_price(), policy, account);
  }
  AddFee(created.delivery_fee(), account);
}

void SetItems(const orders::v1::Order& order, const Policy& policy, Account& account) {
  account.clear_items();
  for (const orders::v1::OrderLine& line : order.lines()) {
    AddLine(line, MakeMoney(line.unit_price_minor(), order.total().currency()), policy, account);
  }
  AddFee(order.delivery_fee(), account);
}

void AddItem(const events::v1::OrderedLine& line, const Policy& policy, Account& account) {
  AddLine(line, line.unit_price(), policy, account);
}

std::optional<Piece> SplitOff(int64_t amount_minor, const std::string& change_id, SoldItem::Kind kind,
                              const std::string& item_id, Account& account) {
  SoldItem* const whole = FindItem(account, kind, item_id);
  if (amount_minor <= 0 || whole == nullptr || FreeUnits(*whole) == 0 ||
      FindItem(account, kind, change_id) != nullptr) {
    return std::nullopt;
  }
  const int64_t rest = whole->unit_price().amount_minor() - amount_minor;
  if (rest <= 0) return Piece{kind, item_id, 1};
  SoldItem part = *whole;
  whole->mutable_unit_price()->set_amount_minor(rest);
  part.set_item_id(change_id);
  part.mutable_unit_price()->set_amount_minor(amount_minor);
  *account.add_items() = part;
  return Piece{kind, change_id, 1};
}

void SetOriginalFee(const base::v1::Money& fee, Account& account) {
  SoldItem* const known = FindItem(account, SoldItem::KIND_DELIVERY_FEE, "");
  if (known == nullptr) return AddFee(fee, account);
  if (FreeUnits(*known) == known->quantity()) *known->mutable_unit_price() = fee;
}

void AddItem(const payments::v1::Surcharge& surcharge, absl::Time paid, Account& account) {
  SoldItem& item = *account.add_items();
  item.set_kind(SoldItem::KIND_SURCHARGE);
  item.set_item_id(surcharge.surcharge_id());
  item.set_quantity(1);
  *item.mutable_unit_price() = surcharge.amount();
  item.set_surcharge_kind(surcharge.kind());
  if (IsForTheWay(surcharge.kind())) *item.mutable_unused_since() = ToTimestamp(paid);
}

bool IsForTheWay(base::v1::SurchargeKind kind) {
  return kind == base::v1::SURCHARGE_KIND_FARTHER_ADDRESS || kind == base::v1::SURCHARGE_KIND_REDELIVERY;
}

}  // namespace makegood::rules
