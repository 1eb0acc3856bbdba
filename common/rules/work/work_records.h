// How the orders service keeps the list of work.
#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/records.pb.h"
#include "makegood/orders/v1/work.pb.h"

namespace makegood::rules {

using orders::v1::AssignedWork;
using orders::v1::Work;

inline bool IsOpen(const Work& work) { return work.state() == Work::STATE_OPEN; }

inline absl::Time DueTime(const Work& work) {
  return work.item().has_due_time() ? ToTime(work.item().due_time()) : absl::InfiniteFuture();
}

// What open work is listed and counted by: its turn and kind, "WORK_TURN_OPERATIONS.WORK_KIND_DECIDE_CLAIM".
inline std::string WorkGroup(base::v1::WorkTurn turn, base::v1::WorkKind kind) {
  return absl::StrCat(base::v1::WorkTurn_Name(turn), ".", base::v1::WorkKind_Name(kind));
}

// Listed by urgency while it is open; what is done is found by its id and its order.
template <>
struct RecordTraits<Work> {
  static constexpr absl::string_view kKind = "work";
  static std::string Id(const Work& work) { return work.work_id(); }
  static RecordColumns Columns(const Work& work) {
    const absl::Time place = ToTime(work.create_time());
    if (!IsOpen(work)) return {work.order_id(), "", "", "", place};
    return {work.order_id(),
            work.merchant_id(),
            work.item().turn() == base::v1::WORK_TURN_CUSTOMER ? work.customer_id() : "",
            WorkGroup(work.item().turn(), work.item().kind()),
            place,
            work.policy().marketplace(),
            DueTime(work)};
  }
};

// Under what a courier's are listed: no id of Operations' people.
inline std::string CouriersWork(absl::string_view courier_id) { return absl::StrCat("courier/", courier_id); }

// Its lists are one person's.
template <>
struct RecordTraits<AssignedWork> {
  static constexpr absl::string_view kKind = "assigned_work";
  static std::string Id(const AssignedWork& assigned) {
    return assigned.courier_id().empty() ? assigned.work_id() : absl::StrCat(assigned.work_id(), "/courier");
  }
  static RecordColumns Columns(const AssignedWork& assigned) {
    const Work& work = assigned.work();
    const absl::Time place = ToTime(assigned.create_time());
    const std::string whose =
        assigned.courier_id().empty() ? work.assignee() : CouriersWork(assigned.courier_id());
    if (!IsOpen(work) || whose.empty()) return RecordColumns::ByKeyAlone(place);
    return {"", "", "", whose, place, work.policy().marketplace(), DueTime(work)};
  }
};

}  // namespace makegood::rules
