// CAL-03: an extended calendar settles the provisional dates of a service's cases as soon as it is loaded.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/transaction.h"
#include "common/store/store.h"
#include "makegood/base/v1/resource.pb.h"

namespace makegood::flow {

// Settles one case's dates, as a decision in its part. Called again after a crash: nothing happens then to a
// case whose dates are settled.
using SettleCase = std::function<absl::Status(absl::string_view case_id, rules::Transaction&)>;

// Goes once, on a thread of its own, through the cases whose dates were reckoned with less of their calendar
// than `policies` knows (rules::NoteFindable), a page at a time, and settles each by a commit in its part.
// What is settled is no longer among them, so that it goes on where it was cut off, and reads nothing where
// no calendar was extended. Where the store answers not now it waits; a case that cannot be settled is logged
// and passed over until the next start. Destruction waits for the decisions under way. `store` and `policies`
// outlive it.
class DateSettler {
 public:
  DateSettler(store::Store& store, const rules::PolicyBook& policies, base::v1::Actor actor,
              SettleCase settle);
  ~DateSettler();
  DateSettler(const DateSettler&) = delete;
  DateSettler& operator=(const DateSettler&) = delete;

 private:
  void Run();
  absl::Status SettleCalendar(const std::string& calendar);
  // Settles the cases of a page, as often as it takes. Not OK only if this is ending.
  absl::Status SettlePage(const store::RecordPage& page);
  // Once: OK, or what was in the way of one of them.
  absl::Status SettleAll(const store::RecordPage& page);
  // False if this is ending.
  bool Wait();

  store::Store& store_;
  const rules::PolicyBook& policies_;
  const base::v1::Actor actor_;
  const SettleCase settle_;
  absl::Notification ending_;
  std::thread thread_;  // last: it uses the above
};

}  // namespace makegood::flow
