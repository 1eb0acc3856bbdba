// What may be done with a resource now (ORD-09). Each kind of resource has one table of actions; a command
// begins by asking its own, and the resource tells what all of them answer: so that they agree.
#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/status.h"
#include "common/rules/scope.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood::rules {

// What a guard looks at. Refers to what its maker keeps alive. For one thread.
template <typename Record>
class Asked {
 public:
  Asked(const Record& record, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies)
      : record(record), actor(actor), now(now), policies(policies) {}

  // The policy that the record is judged by (POL-02), looked up once for all guards. Who asks for it includes
  // the policy book.
  template <typename Book = PolicyBook>
  absl::StatusOr<const base::v1::Policy*> policy() const {
    if (policy_ == nullptr) {
      ASSIGN_OR_RETURN(policy_, static_cast<const Book&>(policies).At(record.policy()));
    }
    return policy_;
  }

  const Record& record;
  const base::v1::Actor& actor;
  const absl::Time now;
  const PolicyBook& policies;

 private:
  mutable const base::v1::Policy* policy_ = nullptr;
};

template <typename Record>
Asked<Record> AskedNow(const Record& record, const Transaction& tx) {
  return {record, tx.actor(), tx.now(), tx.policies()};
}

// The method that takes the step, and whether the resource lets it without further input. A command
// may still refuse what it is given.
template <typename Record>
struct Action {
  const Method& (*method)();
  absl::Status (*guard)(const Asked<Record>& asked);
};

// A guard that depends on the resource alone, as one that depends on all.
template <auto kGuard>
struct ByRecord {
  template <typename Record>
  static absl::Status Guard(const Asked<Record>& asked) {
    return kGuard(asked.record);
  }
};

// Whose it is, under the method's own rule. A kind of resource that others reach as well has an overload.
template <typename Record>
absl::Status CheckReach(const Asked<Record>& asked, absl::string_view rule_id) {
  return CheckScope(asked.actor, asked.record.merchant_id(), asked.record.customer_id(), rule_id);
}

// Role and reach, without the guard.
template <typename Record>
absl::Status CheckReached(const Action<Record>& action, const Asked<Record>& asked) {
  RETURN_IF_ERROR(CheckRole(asked.actor, action.method()));
  return CheckReach(asked, action.method().access.rule_id());
}

// Role, reach and guard.
template <typename Record>
absl::Status CheckAction(const Action<Record>& action, const Asked<Record>& asked) {
  RETURN_IF_ERROR(CheckReached(action, asked));
  return action.guard(asked);
}

// The stored record, if it is the caller's and at the version they know (SYS-04).
template <typename Record>
absl::StatusOr<Record> Reached(const Action<Record>& action, absl::string_view id, Transaction& tx) {
  ASSIGN_OR_RETURN(Record record, tx.Get<Record>(id));
  RETURN_IF_ERROR(CheckReached(action, AskedNow(record, tx)));
  RETURN_IF_ERROR(tx.CheckVersion(record));
  return record;
}

// The same, if its guard lets the step be taken, too: the beginning of a command.
template <typename Record>
absl::StatusOr<Record> Begin(const Action<Record>& action, absl::string_view id, Transaction& tx) {
  ASSIGN_OR_RETURN(Record record, Reached(action, id, tx));
  RETURN_IF_ERROR(action.guard(AskedNow(record, tx)));
  return record;
}

// Replaces the record's available actions by what `actions`, pointers to them, answer. For replies and reads;
// after Put, since it is no part of the record.
template <typename Record, typename Actions>
void TellActions(const Actions& actions, Record& record, const Asked<Record>& asked) {
  record.clear_available_actions();
  for (const Action<Record>* const action : actions) {
    base::v1::AvailableAction answer = Answered(action->method(), CheckAction(*action, asked));
    *record.add_available_actions() = std::move(answer);
  }
}

template <typename Record, typename Actions>
void TellActions(const Actions& actions, Record& record, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies) {
  TellActions(actions, record, Asked<Record>(record, actor, now, policies));
}

// The record as the caller of this decision sees it.
template <typename Record>
Record Shown(Record record, const Transaction& tx) {
  FillActions(record, tx.actor(), tx.now(), tx.policies());
  return record;
}

}  // namespace makegood::rules
