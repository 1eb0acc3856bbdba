// What orders and their merchants' stock tell each other (AVL-01 to AVL-03). Decided in the order's part; the
// other half is common/rules/stores.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/events/v1/events.pb.h"
#include "makegood/stores/v1/records.pb.h"

namespace makegood::rules {

// Posted to the merchant: what the order wants and has (stores.v1.StockStatement).
inline constexpr char kTellStock[] = "tell-stock";

// Whatever has changed an order, it is compared with what was told last, and told where that differs. So no
// path is left out, and nothing is told twice. Of marketplaces that keep stock alone; imported history tells
// nothing (ORD-13).
absl::Status TellStock(const events::v1::Event& event, Transaction& tx);

// AVL-02: what somebody has found on the shelf is told by the commit of that itself: the order may be another
// before it is followed. `order` is as that commit leaves it.
enum class Found {
  kPicked,      // what the order says is picked
  kRestIsGone,  // that, and what is wanted beyond it is not there
};
absl::Status TellFound(const Order& order, Found found, Transaction& tx);

// AVL-03: an order that has to wait for goods is held until they are there.
absl::Status HearShortage(const stores::v1::ShortageNews& news, Transaction& tx);

template <>
struct RecordTraits<stores::v1::ToldStock> {
  static constexpr absl::string_view kKind = "told_stock";
  static std::string Id(const stores::v1::ToldStock& told) { return told.order_id(); }
  static RecordColumns Columns(const stores::v1::ToldStock& told) {
    return RecordColumns::ByKeyAlone(ToTime(told.create_time()));
  }
};

}  // namespace makegood::rules
