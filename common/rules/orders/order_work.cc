// What an order itself waits for people to do (WRK-01).
#include "absl/strings/str_cat.h"
#include "common/rules/messages.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/orders/order_states.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;

// DLV-02, DLV-09: the recipient or the buyer says where the goods go, afterwards the store; Operations look
// at what is abroad. A change that waits to be paid for is its surcharge's work.
void AddAddress(const Order& order, std::vector<WorkItem>& waiting) {
  using orders::v1::DeliveryAddress;
  const DeliveryAddress::State state = order.address().state();
  const bool asked = state == DeliveryAddress::STATE_TO_BE_CONFIRMED;
  if ((!asked && state != DeliveryAddress::STATE_UNVERIFIED) || order.has_address_change()) return;
  const bool in_time = asked && order.address().has_confirm_due_time();
  waiting.push_back(MakeWorkItem(base::v1::WORK_KIND_CONFIRM_ADDRESS,
                                 in_time ? base::v1::WORK_TURN_CUSTOMER
                                 : asked ? base::v1::WORK_TURN_MERCHANT
                                         : base::v1::WORK_TURN_OPERATIONS,
                                 order.order_id()));
  if (in_time) {
    *waiting.back().mutable_due_time() = order.address().confirm_due_time();
  } else if (order.has_promised_ship_time()) {
    *waiting.back().mutable_due_time() = order.promised_ship_time();
  }
}

// AVL-03: before the order should leave or, where nobody promised when, before stock unconfirmed is stale.
void SetStockDue(const Order& order, const orders::v1::Hold& hold, WorkItem& item) {
  if (order.has_promised_ship_time()) {
    *item.mutable_due_time() = order.promised_ship_time();
  } else if (hold.has_due_time()) {
    *item.mutable_due_time() = hold.due_time();
  }
}

}  // namespace

std::vector<WorkItem> RecordTraits<Order>::Waiting(const Order& order) {
  std::vector<WorkItem> waiting;
  for (const orders::v1::Hold& hold : order.holds()) {
    const base::v1::WorkTurn turn = TurnOf(hold.name());
    // Once the order has ended no hold keeps anything back.
    if (turn == base::v1::WORK_TURN_UNSPECIFIED || !CanBeHeld(order)) continue;
    // AVL-03: the goods come, or a pick says what there is.
    const bool shortage = IsOfShortage(hold.reference_id());
    if (IsOfCase(hold.reference_id()) && !shortage) continue;  // its incident, or the address, is the work
    waiting.push_back(
        MakeWorkItem(shortage ? base::v1::WORK_KIND_CONFIRM_STOCK : base::v1::WORK_KIND_RELEASE_HOLD, turn,
                     order.order_id()));
    if (shortage) SetStockDue(order, hold, waiting.back());
    waiting.back().set_detail(absl::StrCat(base::v1::HoldName_Name(hold.name()),
                                           hold.reference_id().empty() ? "" : "/", hold.reference_id()));
    waiting.back().set_case_id(hold.reference_id());
  }
  if (IsToGoOutAgain(order)) {
    waiting.push_back(
        MakeWorkItem(base::v1::WORK_KIND_DISPATCH_AGAIN, base::v1::WORK_TURN_MERCHANT, order.order_id()));
    if (order.has_dispatch_due_time()) *waiting.back().mutable_due_time() = order.dispatch_due_time();
  }
  if (CanBeHeld(order)) AddAddress(order, waiting);
  if (order.correction().state() == orders::v1::Correction::STATE_REPORTED) {
    waiting.push_back(MakeWorkItem(base::v1::WORK_KIND_ASSIGN_RETURN_NUMBER, base::v1::WORK_TURN_OPERATIONS,
                                   order.order_id()));
    waiting.back().set_case_id(order.correction().correction_id());
  }
  return waiting;
}

}  // namespace makegood::rules
