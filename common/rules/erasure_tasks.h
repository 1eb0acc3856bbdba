// What erasing a customer does later, in the services that hold personal data (SYS-09). The payload is
// the id after the colon, but for kEraseWords, which says what it is, and kScrubStore, which has none. Set
// again, a task of one id is one task.
#pragma once

#include "absl/time/time.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// Orders: asks for each of the customer's orders. "erase-customer:<customer_id>"
inline constexpr char kEraseCustomer[] = "erase-customer";
// Orders: erases one order in all services, or finds that it must wait. "erase-order:<order_id>"
inline constexpr char kEraseOrder[] = "erase-order";
// Claims: removes a file that no claim refers to any more. "remove-evidence:<evidence_id>"
inline constexpr char kRemoveEvidence[] = "remove-evidence";
// Notifications: goes through a thread and its e-mails. "erase-words:<order_id>"; notifications.v1.EraseWords
inline constexpr char kEraseWords[] = "erase-words";
// Whoever erased something in its records: store::Store::Scrub. "scrub-store"
inline constexpr char kScrubStore[] = "scrub-store";

// Sets that task, for the next full ten seconds: whatever is erased meanwhile, in whichever part, is done at
// one go.
inline void ScheduleScrub(Transaction& tx) {
  constexpr absl::Duration kTogether = absl::Seconds(10);
  const absl::Duration since = tx.now() - absl::UnixEpoch();
  const absl::Time due = absl::UnixEpoch() + absl::Floor(since, kTogether) + kTogether;
  tx.Schedule({kScrubStore, kScrubStore, due, ""});
}

}  // namespace makegood::rules
