#include "common/rules/payments/way_surcharges.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/status.h"
#include "common/rules/payments/grants.h"
#include "common/rules/payments/sold_items.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;

// The surcharges that are left and of which `is(item)` is true, the last paid first.
template <typename Is>
std::vector<SoldItem> LeftOf(const Is& is, const Account& account) {
  std::vector<SoldItem> left;
  for (const SoldItem& item : account.items()) {
    if (item.kind() == SoldItem::KIND_SURCHARGE && FreeUnits(item) > 0 && is(item)) left.push_back(item);
  }
  std::reverse(left.begin(), left.end());
  return left;
}

absl::Status GiveBack(Piece piece, const std::string& surcharge_id, Account& account, const Moment& moment,
                      Transaction& tx) {
  NewGrant grant;
  grant.case_id = surcharge_id;
  grant.reason = base::v1::REFUND_REASON_SURCHARGE;
  grant.pieces = {std::move(piece)};
  return Grant(grant, account, moment, tx).status();
}

}  // namespace

bool UseUp(absl::Time gone, Account& account) {
  bool any = false;
  for (SoldItem& item : *account.mutable_items()) {
    if (!item.has_unused_since() || gone < ToTime(item.unused_since())) continue;
    item.clear_unused_since();
    any = true;
  }
  return any;
}

absl::Status PayBackUnused(Account& account, const Moment& moment, Transaction& tx) {
  const auto unused = [](const SoldItem& item) { return item.has_unused_since(); };
  for (const SoldItem& item : LeftOf(unused, account)) {
    RETURN_IF_ERROR(GiveBack({item.kind(), item.item_id(), 1}, item.item_id(), account, moment, tx));
  }
  return absl::OkStatus();
}

absl::Status PayBackFarther(int64_t amount_minor, const std::string& change_id, Account& account,
                            const Moment& moment, Transaction& tx) {
  const auto farther = [](const SoldItem& item) {
    return item.surcharge_kind() == base::v1::SURCHARGE_KIND_FARTHER_ADDRESS;
  };
  for (const SoldItem& item : LeftOf(farther, account)) {
    std::optional<Piece> piece = SplitOff(amount_minor, change_id, item.kind(), item.item_id(), account);
    if (!piece.has_value()) break;
    RETURN_IF_ERROR(GiveBack(*std::move(piece), item.item_id(), account, moment, tx));
    amount_minor -= item.unit_price().amount_minor();
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
