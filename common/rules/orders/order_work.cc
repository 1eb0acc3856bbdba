// What an order itself waits for people to do (WRK-01).
#include "absl/strings/str_cat.h"
#include "common/rules/messages.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_records.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;

// Once the order has ended no hold keeps anything back.
bool MayStillLeave(const Order& order) {
  return order.state() == Order::STATE_BLOCKED || order.state() == Order::STATE_OPEN ||
         order.state() == Order::STATE_SHIPPING;
}

}  // namespace

std::vector<WorkItem> RecordTraits<Order>::Waiting(const Order& order) {
  std::vector<WorkItem> waiting;
  for (const orders::v1::Hold& hold : order.holds()) {
    const base::v1::WorkTurn turn = TurnOf(hold.name());
    if (turn == base::v1::WORK_TURN_UNSPECIFIED || !MayStillLeave(order)) continue;
    if (IsOfIncident(hold.reference_id())) continue;  // its incident is the work
    waiting.push_back(MakeWorkItem(base::v1::WORK_KIND_RELEASE_HOLD, turn, order.order_id()));
    waiting.back().set_detail(absl::StrCat(base::v1::HoldName_Name(hold.name()),
                                           hold.reference_id().empty() ? "" : "/", hold.reference_id()));
    waiting.back().set_case_id(hold.reference_id());
  }
  if (order.correction().state() == orders::v1::Correction::STATE_REPORTED) {
    waiting.push_back(MakeWorkItem(base::v1::WORK_KIND_ASSIGN_RETURN_NUMBER, base::v1::WORK_TURN_OPERATIONS,
                                   order.order_id()));
    waiting.back().set_case_id(order.correction().correction_id());
  }
  return waiting;
}

}  // namespace makegood::rules
