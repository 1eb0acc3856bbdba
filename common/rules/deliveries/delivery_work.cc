// What deliveries wait for people to do (WRK-01). Who sends out again what is back at the store is asked by
// its order, which knows its holds.
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_records.h"
#include "common/rules/messages.h"

namespace makegood::rules {

std::vector<base::v1::WorkItem> RecordTraits<Delivery>::Waiting(const Delivery& delivery) {
  std::vector<base::v1::WorkItem> waiting;
  if (IsOver(delivery)) return waiting;
  const auto add = [&](base::v1::WorkKind kind, base::v1::WorkTurn turn, const auto& due) {
    waiting.push_back(MakeWorkItem(kind, turn, delivery.order_id()));
    if (due.has_due_time()) *waiting.back().mutable_due_time() = due.due_time();
  };
  if (delivery.state() == Delivery::STATE_RETURNING) {
    add(base::v1::WORK_KIND_BRING_BACK,
        delivery.courier_id().empty() ? base::v1::WORK_TURN_MERCHANT : base::v1::WORK_TURN_COURIER, delivery);
  }
  if (delivery.state() == Delivery::STATE_NOT_ARRIVED) {
    add(base::v1::WORK_KIND_DISPATCH_AGAIN, base::v1::WORK_TURN_MERCHANT, delivery);
  }
  if (delivery.interception().state() == deliveries::v1::Interception::STATE_ASKED) {
    add(base::v1::WORK_KIND_RECORD_INTERCEPTION, base::v1::WORK_TURN_MERCHANT, delivery.interception());
    waiting.back().set_case_id(delivery.interception().interception_id());
  }
  if (IsAtCustoms(delivery)) {
    add(base::v1::WORK_KIND_CLEAR_CUSTOMS, base::v1::WORK_TURN_MERCHANT, delivery.customs());
  }
  return waiting;
}

}  // namespace makegood::rules
