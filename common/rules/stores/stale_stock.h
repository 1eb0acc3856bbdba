// Stock that nobody confirms (AVL-01).
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/transaction.h"

namespace makegood::rules {

// A timer: looks whether the offers of a stores.v1.StaleCheck are stale. An offer has one at most, and all
// that are told in one call share it; those that were confirmed meanwhile are looked at again when they would
// be stale.
inline constexpr char kStaleCheck[] = "stale-check";
absl::Status LookForStale(const stores::v1::StaleCheck& check, Transaction& tx);

// What one call confirms.
class StaleWatch {
 public:
  explicit StaleWatch(std::string merchant_id) { check_.set_merchant_id(std::move(merchant_id)); }

  // The offer's stock was told now. The caller puts the offer.
  absl::Status Confirm(const Policy& policy, Offer& offer, Transaction& tx);

  // Sets the timer for those that have none.
  void Begin(Transaction& tx) const;

 private:
  stores::v1::StaleCheck check_;
  absl::Time due_ = absl::InfiniteFuture();
};

}  // namespace makegood::rules
