#include "services/host/stored_policies.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood::rules {

template <>
struct RecordTraits<base::v1::StoredPolicy> {
  static constexpr absl::string_view kKind = "policy";
  static std::string Id(const base::v1::StoredPolicy& stored) { return stored.policy_id(); }
  static RecordColumns Columns(const base::v1::StoredPolicy& stored) {
    RecordColumns columns;
    columns.group = stored.policy().marketplace();
    columns.place = ToTime(stored.create_time());
    return columns;
  }
};

}  // namespace makegood::rules

namespace makegood::services {
namespace {

using base::v1::StoredPolicy;

std::string PolicyId(const rules::Policy& policy) {
  return absl::StrCat(policy.marketplace(), "@", policy.version());
}

absl::StatusOr<std::vector<StoredPolicy>> ReadAll(store::Store& store) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<StoredPolicy>::kKind);
  query.order = store::ListOrder::kOldestFirst;
  std::vector<StoredPolicy> all;
  RETURN_IF_ERROR(
      store::ForEachPage(store, std::move(query), [&](const store::RecordPage& page) -> absl::Status {
        for (const rules::StoredRecord& record : page.records) {
          ASSIGN_OR_RETURN(all.emplace_back(), rules::Read<StoredPolicy>(record));
        }
        return absl::OkStatus();
      }));
  return all;
}

absl::Status Keep(store::Store& store, const rules::PolicyBook& book, const rules::Policy& policy) {
  store::Work work;
  work.routing_key = policy.marketplace();
  work.context.actor.set_role(base::v1::ROLE_SERVICE);
  work.context.actor.set_actor_id("makegood");
  work.context.policies = &book;
  work.context.request_id = work.context.seed = absl::StrCat("policy:", PolicyId(policy));
  work.decide = [&policy](rules::Transaction& tx) -> absl::StatusOr<std::string> {
    // Another process of this service may have been first: the part of the marketplace's name is serial.
    ASSIGN_OR_RETURN(const auto there, tx.Find<StoredPolicy>(PolicyId(policy)));
    if (there.has_value()) return std::string();
    StoredPolicy stored;
    stored.set_policy_id(PolicyId(policy));
    *stored.mutable_policy() = policy;
    tx.Put(stored);
    return std::string();
  };
  absl::Status status;
  absl::Notification done;
  store.Submit(std::move(work), [&](absl::StatusOr<std::string> reply) {
    status = std::move(reply).status();
    done.Notify();
  });
  done.WaitForNotification();
  return status;
}

}  // namespace

absl::Status KeepPolicies(store::Store& store, rules::PolicyBook& book) {
  ASSIGN_OR_RETURN(const std::vector<StoredPolicy> stored, ReadAll(store));
  std::set<std::string> kept;
  for (const StoredPolicy& policy : stored) {
    RETURN_IF_ERROR(book.AddPolicy(policy.policy()));
    kept.insert(policy.policy_id());
  }
  for (const rules::Policy* policy : book.AllCurrent()) {
    if (!kept.contains(PolicyId(*policy))) RETURN_IF_ERROR(Keep(store, book, *policy));
  }
  return absl::OkStatus();
}

}  // namespace makegood::services
