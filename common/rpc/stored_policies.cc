#include "common/rpc/stored_policies.h"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/base/status.h"
#include "common/rules/times.h"
#include "common/rules/unit.h"
#include "makegood/base/v1/policy.pb.h"

namespace makegood::rules {

template <>
struct RecordTraits<base::v1::StoredPolicy> {
  static constexpr absl::string_view kKind = "policy";
  static std::string Id(const base::v1::StoredPolicy& stored) { return stored.policy_id(); }
  static RecordColumns Columns(const base::v1::StoredPolicy& stored) {
    RecordColumns columns;
    columns.state = stored.policy().marketplace();
    columns.time = ToTime(stored.create_time());
    return columns;
  }
};

}  // namespace makegood::rules

namespace makegood::rpc {
namespace {

using base::v1::StoredPolicy;

constexpr int kPage = 100;

std::string PolicyId(const rules::Policy& policy) {
  return absl::StrCat(policy.marketplace(), "@", policy.version());
}

// One page of stored policies after `last`, oldest first.
absl::StatusOr<store::RecordPage> ReadPage(store::Store& store, const rules::StoredRecord* last) {
  store::ListQuery query;
  query.kind = std::string(rules::RecordTraits<StoredPolicy>::kKind);
  query.order = store::ListOrder::kOldestFirst;
  query.limit = kPage;
  if (last != nullptr) query.after.emplace(last->columns.time, last->key.id);
  absl::StatusOr<store::RecordPage> page;
  absl::Notification read;
  store.Read([&](absl::StatusOr<store::Reader*> reader) {
    page =
        reader.ok() ? (*reader)->List(query) : absl::StatusOr<store::RecordPage>(std::move(reader).status());
    read.Notify();
  });
  read.WaitForNotification();
  return page;
}

absl::StatusOr<std::vector<StoredPolicy>> ReadAll(store::Store& store) {
  std::vector<StoredPolicy> all;
  std::optional<rules::StoredRecord> last;
  while (true) {
    ASSIGN_OR_RETURN(const store::RecordPage page, ReadPage(store, last.has_value() ? &*last : nullptr));
    for (const rules::StoredRecord& record : page.records) {
      if (!all.emplace_back().ParseFromString(record.data)) {
        return absl::DataLossError("a stored record cannot be read");
      }
    }
    if (!page.more) return all;
    last = page.records.back();
  }
}

absl::Status Keep(store::Store& store, const rules::PolicyBook& book, const rules::Policy& policy) {
  store::Work work;
  work.routing_key = policy.marketplace();
  work.context.actor.set_role(base::v1::ROLE_SERVICE);
  work.context.actor.set_actor_id("makegood");
  work.context.policies = &book;
  work.context.request_id = work.context.seed = absl::StrCat("policy:", PolicyId(policy));
  work.decide = [&policy](rules::Unit& unit) -> absl::StatusOr<std::string> {
    // Another replica may have been first.
    ASSIGN_OR_RETURN(const auto there, unit.Find<StoredPolicy>(PolicyId(policy)));
    if (there.has_value()) return std::string();
    StoredPolicy stored;
    stored.set_policy_id(PolicyId(policy));
    *stored.mutable_policy() = policy;
    unit.Put(stored);
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

}  // namespace makegood::rpc
