// A fresh desk for decisions: what a rule test needs to run pure decisions one after another, the
// way the store runs them. When one ends in OK its changes, events and tasks count; otherwise nothing
// of it does. No I/O, no commit, no replay: those are the store's and have their own tests.
//
//   Desk desk(At("2026-09-01T10:00+02:00"));
//   const absl::StatusOr<Order> order = desk.As(Operations()).Decide(CreateOrder, request);
//   EXPECT_THAT(desk.As(Customer("c-1001")).Decide(CancelOrder, cancel), RefusedBy("ORD-03"));
//   EXPECT_EQ(desk.Events(&events::v1::Event::has_order_cancelled).size(), 1u);
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rules/policy/policy_book.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {

// A time from RFC 3339 text; seconds may be left out: "2026-09-25T10:00+08:00".
inline absl::Time At(absl::string_view text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M%Ez", text, &time, nullptr) &&
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    ADD_FAILURE() << "not a time: " << text << ": " << error;
  }
  return time;
}

inline base::v1::Actor MakeActor(base::v1::Role role, absl::string_view id, absl::string_view store = "") {
  base::v1::Actor actor;
  actor.set_role(role);
  actor.set_actor_id(std::string(id));
  actor.set_store_id(std::string(store));
  return actor;
}

inline base::v1::Actor Operations() { return MakeActor(base::v1::ROLE_OPERATIONS, "op-1"); }
// The request as that actor sends it: Operations name where the customer's word is on record (ROL-08).
template <typename Request>
Request SentBy(const base::v1::Actor& actor, Request request) {
  if constexpr (requires { request.customer_word(); }) {
    if (actor.role() == base::v1::ROLE_OPERATIONS) request.set_customer_word("call-1");
  }
  return request;
}
inline base::v1::Actor Auditor() { return MakeActor(base::v1::ROLE_AUDITOR, "au-1"); }
// One of our own services.
inline base::v1::Actor Service() { return MakeActor(base::v1::ROLE_SERVICE, "payments"); }
// A store's software.
inline base::v1::Actor Connector(absl::string_view store = "m-1") {
  return MakeActor(base::v1::ROLE_CONNECTOR, "fastcentrik", store);
}
inline base::v1::Actor Customer(absl::string_view id = "c-1001") {
  return MakeActor(base::v1::ROLE_CUSTOMER, id);
}
inline base::v1::Actor Employee(absl::string_view store = "m-1") {
  return MakeActor(base::v1::ROLE_STORE_EMPLOYEE, "employee-1", store);
}
inline base::v1::Actor Manager(absl::string_view store = "m-1") {
  return MakeActor(base::v1::ROLE_STORE_MANAGER, "manager-1", store);
}
inline base::v1::Actor Director(absl::string_view store = "m-1") {
  return MakeActor(base::v1::ROLE_STORE_DIRECTOR, "director-1", store);
}
inline base::v1::Actor Courier(absl::string_view id = "courier-1") {
  return MakeActor(base::v1::ROLE_COURIER, id);
}

// The shipped policies and calendars, read once.
inline const rules::PolicyBook& ShippedPolicies() {
  static const rules::PolicyBook* const book = [] {
    absl::StatusOr<rules::PolicyBook> shipped = rules::PolicyBook::Shipped();
    if (!shipped.ok()) ADD_FAILURE() << shipped.status();
    return shipped.ok() ? new rules::PolicyBook(*std::move(shipped)) : new rules::PolicyBook();
  }();
  return *book;
}

// The version that orders of today are judged by.
inline int64_t ShippedVersion(absl::string_view marketplace) {
  return (*ShippedPolicies().Current(marketplace))->version();
}

// One part's records, events and tasks in memory. Not thread-safe. `policies` outlives it.
class Desk {
 public:
  // `service`: whose it is, where there are several: no two make the same id (SYS-11).
  explicit Desk(absl::Time now, const rules::PolicyBook& policies = ShippedPolicies(),
                std::string service = "")
      : now_(now), policies_(&policies), service_(std::move(service)), actor_(Operations()) {}

  // Who decides from now on.
  Desk& As(const base::v1::Actor& actor) {
    actor_ = actor;
    return *this;
  }

  // The version the next decision, and no other, was decided on (SYS-04).
  Desk& Expecting(int64_t version) {
    expected_version_ = version;
    return *this;
  }

  const base::v1::Actor& actor() const { return actor_; }
  absl::Time now() const { return now_; }
  void MoveTo(absl::Time time) { now_ = time; }
  void Advance(absl::Duration by) { now_ += by; }

  // Runs `decide(arguments..., tx)` to its end, as a command of its own, and keeps what it did if
  // it is OK. Returns what it returned.
  template <typename DecideFn, typename... Arguments>
  auto Decide(const DecideFn& decide, const Arguments&... arguments) {
    return Run(true, [&](rules::Transaction& tx) { return decide(arguments..., tx); });
  }

  // Hears an event of another service as the store lets it be heard: one of the same id takes effect once.
  template <typename ReactFn>
  absl::Status Hear(const ReactFn& react, const events::v1::Event& event) {
    if (heard_.contains(event.event_id())) {
      last_events_.clear();
      return absl::OkStatus();
    }
    const absl::Status heard = Decide(react, event);
    if (heard.ok()) heard_.insert(event.event_id());
    return heard;
  }

  // The same, and keeps nothing: validate_only (SYS-03).
  template <typename DecideFn, typename... Arguments>
  auto Preview(const DecideFn& decide, const Arguments&... arguments) {
    return Run(false, [&](rules::Transaction& tx) { return decide(arguments..., tx); });
  }

  // The record as it stands, or nothing.
  template <typename M>
  std::optional<M> Find(absl::string_view id) const {
    const auto found =
        records_.find(rules::RecordKey{std::string(rules::RecordTraits<M>::kKind), std::string(id)});
    if (found == records_.end()) return std::nullopt;
    M message;
    EXPECT_TRUE(message.ParseFromString(found->second.data));
    return message;
  }

  // Every record of M's kind, by id.
  template <typename M>
  std::vector<M> All() const {
    std::vector<M> all;
    for (const auto& [key, record] : records_) {
      if (key.kind != rules::RecordTraits<M>::kKind) continue;
      EXPECT_TRUE(all.emplace_back().ParseFromString(record.data));
    }
    return all;
  }

  const std::map<rules::RecordKey, rules::StoredRecord>& records() const { return records_; }

  // Everything announced so far, in order, and what the last decision announced.
  const std::vector<events::v1::Event>& events() const { return events_; }
  const std::vector<events::v1::Event>& last_events() const { return last_events_; }

  // Those of all events that `is` true for, e.g. &Event::has_order_cancelled.
  std::vector<events::v1::Event> Events(bool (events::v1::Event::*is)() const) const {
    std::vector<events::v1::Event> found;
    std::copy_if(events_.begin(), events_.end(), std::back_inserter(found),
                 [is](const events::v1::Event& event) { return (event.*is)(); });
    return found;
  }

  // Tasks waiting, by id.
  const std::map<std::string, rules::Task>& tasks() const { return tasks_; }

  // Those of a kind.
  std::vector<rules::Task> Tasks(absl::string_view kind) const {
    std::vector<rules::Task> found;
    for (const auto& [id, task] : tasks_) {
      if (task.kind == kind) found.push_back(task);
    }
    return found;
  }

  // Runs `decide(arguments..., tx)` as the completion of a task: OK removes the task too, before what is
  // set anew.
  template <typename DecideFn, typename... Arguments>
  auto Complete(absl::string_view task_id, const DecideFn& decide, const Arguments&... arguments) {
    auto done = tasks_.extract(std::string(task_id));
    EXPECT_FALSE(done.empty()) << "no such task: " << task_id;
    auto result = Decide(decide, arguments...);
    if (!result.ok()) tasks_.insert(std::move(done));
    return result;
  }

 private:
  template <typename Body>
  auto Run(bool keep, const Body& body) {
    rules::TransactionContext context;
    context.actor = actor_;
    context.now = now_;
    context.policies = policies_;
    context.part = 3;
    context.request_id = absl::StrCat("request-", ++decided_);
    context.seed = context.request_id;
    context.service = service_;
    context.expected_version = std::exchange(expected_version_, std::nullopt);
    const auto load = [this](const rules::RecordKey& key) {
      return absl::StatusOr<std::optional<rules::StoredRecord>>(Stored(key));
    };
    rules::Transaction tx(context, load);
    auto result = body(tx);
    last_events_.clear();
    if (StatusOf(result).ok()) tx.TellWork();
    if (StatusOf(result).ok() && keep) Keep(tx);
    return result;
  }

  std::optional<rules::StoredRecord> Stored(const rules::RecordKey& key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? std::nullopt : std::optional(found->second);
  }

  void Keep(const rules::Transaction& tx) {
    for (const auto& [key, record] : tx.changes()) records_.insert_or_assign(key, record);
    last_events_ = tx.events();
    events_.insert(events_.end(), last_events_.begin(), last_events_.end());
    for (const std::string& id : tx.cancelled_tasks()) tasks_.erase(id);
    for (const rules::Task& task : tx.tasks()) tasks_.insert_or_assign(task.id, task);
  }

  absl::Time now_;
  const rules::PolicyBook* policies_;
  std::string service_;
  base::v1::Actor actor_;
  std::optional<int64_t> expected_version_;
  int decided_ = 0;
  std::map<rules::RecordKey, rules::StoredRecord> records_;
  std::vector<events::v1::Event> events_;
  std::vector<events::v1::Event> last_events_;
  std::map<std::string, rules::Task> tasks_;
  std::set<std::string> heard_;  // ids of events
};

}  // namespace makegood::testing
