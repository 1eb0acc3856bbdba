#include "common/rules/work/work_rules.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rules/actions.h"
#include "common/rules/messages.h"
#include "common/rules/orders/order_records.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"
#include "common/rules/work/work_table.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;
using events::v1::Event;

// The copy of a courier, or of whoever of Operations has it.
absl::Status PutCopy(const Work& work, const std::string& courier_id, Transaction& tx) {
  AssignedWork copy;
  copy.set_work_id(work.work_id());
  copy.set_courier_id(courier_id);
  ASSIGN_OR_RETURN(std::optional<AssignedWork> found,
                   tx.Find<AssignedWork>(RecordTraits<AssignedWork>::Id(copy)));
  if (found.has_value()) {
    copy = *std::move(found);
    copy.set_courier_id(courier_id);
  }
  *copy.mutable_work() = work;
  tx.Put(copy);
  return absl::OkStatus();
}

// Whoever has it, or had it, finds it among their own.
absl::Status PutWork(Work& work, bool was_assigned, Transaction& tx) {
  tx.Put(work);
  if (!work.courier_id().empty()) RETURN_IF_ERROR(PutCopy(work, work.courier_id(), tx));
  return work.assignee().empty() && !was_assigned ? absl::OkStatus() : PutCopy(work, "", tx);
}

// ROL-11: the courier whose turn it is; who has had the order has its cash, too.
absl::Status NameCourier(Work& work, Transaction& tx) {
  if (work.item().turn() != base::v1::WORK_TURN_COURIER) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<Order> order, tx.Find<Order>(work.order_id()));
  if (order.has_value() && !order->courier_id().empty()) work.set_courier_id(order->courier_id());
  return absl::OkStatus();
}

// ---- What events tell.

// A piece of before is begun anew, but for a date that has moved.
absl::Status Begin(const WorkItem& item, const Event& event, Transaction& tx) {
  const std::string id = WorkId(tx.part(), item);
  ASSIGN_OR_RETURN(std::optional<Work> found, tx.Find<Work>(id));
  Work work;
  if (found.has_value() && IsOpen(*found)) {
    work = *std::move(found);
  } else {
    work.set_work_id(id);
    if (found.has_value()) *work.mutable_create_time() = found->create_time();
    work.set_state(Work::STATE_OPEN);
    *work.mutable_begin_time() = event.time();
  }
  *work.mutable_policy() = event.policy();
  work.set_order_id(event.order_id());
  work.set_merchant_id(event.merchant_id());
  work.set_customer_id(event.customer_id());
  *work.mutable_item() = item;
  RETURN_IF_ERROR(NameCourier(work, tx));
  return PutWork(work, !work.assignee().empty(), tx);
}

// Done or not is its case's to say, and lateness stays what it was then (WRK-02).
absl::Status End(const WorkItem& item, const Event& event, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Work> work, tx.Find<Work>(WorkId(tx.part(), item)));
  if (!work.has_value() || !IsOpen(*work)) return absl::OkStatus();
  work->set_state(Work::STATE_DONE);
  *work->mutable_done_time() = event.time();
  *work->mutable_done_by() = event.actor();
  work->set_overdue(DueTime(*work) <= ToTime(event.time()));
  return PutWork(*work, !work->assignee().empty(), tx);
}

// ---- What Operations say.

absl::Status CheckOpen(const Work& work) {
  if (IsOpen(work)) return absl::OkStatus();
  return Refusal("WRK-02", "it is done");
}

absl::Status CheckNotAnothers(const Work& work, const Transaction& tx) {
  if (work.assignee().empty() || work.assignee() == tx.actor().actor_id()) return absl::OkStatus();
  return Refusal("WRK-02", absl::StrCat(work.assignee(), " has it; assign it to take it over"));
}

// The piece a command is about, if it is open and at the version the caller knows (SYS-04).
template <typename Request>
absl::StatusOr<Work> OpenPiece(const Request& request, Transaction& tx) {
  RETURN_IF_ERROR(CheckRole(tx.actor(), MethodOf<Request>()));
  ASSIGN_OR_RETURN(Work work, tx.Get<Work>(request.work_ids(0)));
  RETURN_IF_ERROR(tx.CheckVersion(work));
  RETURN_IF_ERROR(CheckOpen(work));
  return work;
}

absl::StatusOr<Work> Told(Work work, const Transaction& tx) {
  CompleteWork(tx.actor(), tx.now(), work);
  return work;
}

void EndPutOff(Work& work) {
  work.clear_put_off_until_time();
  work.clear_put_off_reason();
}

// Whoever gets it, or nobody, is not who put it off.
absl::StatusOr<Work> Give(Work work, absl::string_view assignee, Transaction& tx) {
  if (work.assignee() == assignee) return Told(std::move(work), tx);
  EndPutOff(work);
  const bool was_assigned = !work.assignee().empty();
  work.set_assignee(std::string(assignee));
  *work.mutable_assign_time() = ToTimestamp(tx.now());
  RETURN_IF_ERROR(PutWork(work, was_assigned, tx));
  Event event = EventAbout(work, work.item().case_id());
  event.mutable_work_assigned()->set_work_id(work.work_id());
  event.mutable_work_assigned()->set_kind(work.item().kind());
  event.mutable_work_assigned()->set_assignee(work.assignee());
  tx.Emit(std::move(event));
  return Told(std::move(work), tx);
}

}  // namespace

std::string WorkId(uint32_t part, const WorkItem& item) {
  return MakeId(
      "wrk", part,
      absl::StrCat(base::v1::WorkKind_Name(item.kind()), "/", item.subject_id(), "/", item.detail()));
}

absl::Status FollowWork(const Event& event, Transaction& tx) {
  for (const WorkItem& item : event.work_ended()) RETURN_IF_ERROR(End(item, event, tx));
  for (const WorkItem& item : event.work_begun()) RETURN_IF_ERROR(Begin(item, event, tx));
  return absl::OkStatus();
}

absl::StatusOr<Work> TakeWork(const orders::v1::TakeWorkRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Work work, OpenPiece(request, tx));
  RETURN_IF_ERROR(CheckNotAnothers(work, tx));
  return Give(std::move(work), tx.actor().actor_id(), tx);
}

absl::StatusOr<Work> GiveBackWork(const orders::v1::GiveBackWorkRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Work work, OpenPiece(request, tx));
  RETURN_IF_ERROR(CheckNotAnothers(work, tx));
  return Give(std::move(work), "", tx);
}

absl::StatusOr<Work> AssignWork(const orders::v1::AssignWorkRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Work work, OpenPiece(request, tx));
  return Give(std::move(work), request.assignee(), tx);
}

absl::StatusOr<Work> PutOffWork(const orders::v1::PutOffWorkRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(Work work, OpenPiece(request, tx));
  RETURN_IF_ERROR(CheckNotAnothers(work, tx));
  if (ToTime(request.until_time()) <= tx.now()) return Refusal("WRK-02", "that time has passed");
  *work.mutable_put_off_until_time() = request.until_time();
  work.set_put_off_reason(request.reason());
  RETURN_IF_ERROR(PutWork(work, !work.assignee().empty(), tx));
  Event event = EventAbout(work, work.item().case_id());
  events::v1::WorkPutOff& put_off = *event.mutable_work_put_off();
  put_off.set_work_id(work.work_id());
  put_off.set_kind(work.item().kind());
  *put_off.mutable_until_time() = request.until_time();
  put_off.set_reason(request.reason());
  tx.Emit(std::move(event));
  return Told(std::move(work), tx);
}

void CompleteWork(const base::v1::Actor& actor, absl::Time now, Work& work) {
  if (actor.role() == base::v1::ROLE_CUSTOMER || actor.role() == base::v1::ROLE_COURIER ||
      IsStorePeople(actor.role())) {
    work.clear_assignee();
    work.clear_assign_time();
    EndPutOff(work);
  }
  if (work.has_put_off_until_time() && ToTime(work.put_off_until_time()) <= now) EndPutOff(work);
  if (!IsOpen(work)) return;
  work.set_overdue(DueTime(work) <= now);
  for (const WorkMethod method : MethodsFor(work.item())) {
    if (IsFor(actor.role(), method())) work.add_commands(std::string(method().name));
  }
}

absl::Status CheckWorkScope(const Work& work, const base::v1::Actor& actor) {
  if (actor.role() == base::v1::ROLE_CUSTOMER && work.item().turn() != base::v1::WORK_TURN_CUSTOMER) {
    return Denied("ROL-11", "customers see what is their turn");
  }
  if (actor.role() == base::v1::ROLE_COURIER) {
    if (!work.courier_id().empty() && work.courier_id() == actor.actor_id()) return absl::OkStatus();
    return Denied("ROL-11", "couriers see what is their turn only");
  }
  return CheckScope(actor, work.merchant_id(), work.customer_id(), "ROL-11");
}

}  // namespace makegood::rules
