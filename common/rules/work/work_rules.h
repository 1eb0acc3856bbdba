// The list of work (WRK-01, WRK-02): what waits for people, as events tell it, and who does it.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/transaction.h"
#include "common/rules/work/work_records.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/orders/v1/work_service.pb.h"

namespace makegood::rules {

// The id of a piece of work in its order's part: the same for the same kind, subject and detail.
std::string WorkId(uint32_t part, const base::v1::WorkItem& item);

// What an event says to have begun and ended is put on the list, and done.
absl::Status FollowWork(const events::v1::Event& event, Transaction& tx);

// Each for one piece: the first, and only one, of the request. NOT_FOUND where it is not on the list.
absl::StatusOr<Work> TakeWork(const orders::v1::TakeWorkRequest& request, Transaction& tx);
absl::StatusOr<Work> GiveBackWork(const orders::v1::GiveBackWorkRequest& request, Transaction& tx);
absl::StatusOr<Work> AssignWork(const orders::v1::AssignWorkRequest& request, Transaction& tx);
absl::StatusOr<Work> PutOffWork(const orders::v1::PutOffWorkRequest& request, Transaction& tx);

// As it is told: with those methods that do it and are for the actor's role, and whether it is overdue now.
// Who of Operations has it, and until when it is put off, is for Operations, auditors and services alone.
void CompleteWork(const base::v1::Actor& actor, absl::Time now, Work& work);

// ROL-11: Operations, auditors and services all; store people what their orders wait for, customers what is
// their turn. Refused under ROL-11.
absl::Status CheckWorkScope(const Work& work, const base::v1::Actor& actor);

}  // namespace makegood::rules
