// The trade's figures (KPI-07): what is counted of every event when it is committed.
//
// A counter cannot go down, so nothing is counted that may turn out otherwise. An order line counts as
// erroneous when a claim on it is approved, by policy or by a person, and once, however many claims name
// it: what is rejected, lapses or is retracted before that never counts (KPI-02, our decision).
#pragma once

#include <prometheus/registry.h>

#include <memory>

#include "absl/strings/string_view.h"
#include "common/rules/policy/policy_book.h"
#include "common/store/store.h"

namespace makegood::services {

// Counts events of all stores it listens to. Every series is there at 0 from the start; labels are
// closed lists, never an order's, customer's or product's id. Imported history counts as well, at
// the times of its source. Thread-safe. `registry` outlives it.
class DomainMetrics {
 public:
  // One value of `marketplace` per policy of `policies`, which must be complete.
  DomainMetrics(prometheus::Registry& registry, const rules::PolicyBook& policies);
  ~DomainMetrics();

  // A commit listener: store.AddCommitListener([&](const auto& committed) { metrics.Count(committed); }).
  void Count(const store::Committed& committed);

  // For rpc::Environment::refused.
  void CountRefusal(absl::string_view rule_id);

 private:
  class Figures;
  std::unique_ptr<Figures> figures_;
};

}  // namespace makegood::services
