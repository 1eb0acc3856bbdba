#include "common/rules/transaction.h"

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

constexpr char kOrder[] = "order";  // the kind of an order's record

}  // namespace

absl::Status Transaction::CheckVersion(const RecordVersion& current) const {
  if (!context_.expected_version.has_value() || *context_.expected_version == current.version) {
    return absl::OkStatus();
  }
  return Stale(current, *context_.expected_version);
}

void Transaction::Emit(events::v1::Event event) {
  if (!event.has_time()) SetNow(*event.mutable_time());
  *event.mutable_actor() = context_.actor;
  event.set_request_id(context_.request_id);
  event.set_event_id(NewId("evt"));
  events_.push_back(std::move(event));
  TellVersion(events_.back().order_id());
}

void Transaction::TellVersion(absl::string_view order_id) {
  const auto order = changes_.find(RecordKey{kOrder, std::string(order_id)});
  if (order == changes_.end()) return;
  events::v1::Event* last = nullptr;
  for (events::v1::Event& event : events_) {
    if (event.order_id() != order_id) continue;
    event.clear_order_version();
    last = &event;
  }
  if (last != nullptr) last->set_order_version(order->second.version);
}

void Transaction::Schedule(Task task) { tasks_.push_back(std::move(task)); }

void Transaction::Schedule(absl::string_view kind, absl::Time due,
                           const google::protobuf::MessageLite& payload) {
  Schedule(Task{NewId("tsk"), std::string(kind), due, payload.SerializeAsString()});
}

void Transaction::Cancel(absl::string_view task_id) { cancelled_tasks_.emplace_back(task_id); }

std::string Transaction::NewId(absl::string_view prefix) {
  return MakeId(prefix, context_.part, context_.now,
                absl::StrCat(context_.service, "/", context_.seed, "/", new_ids_++));
}

absl::StatusOr<const StoredRecord*> Transaction::Look(const RecordKey& key) {
  if (const auto changed = changes_.find(key); changed != changes_.end()) return &changed->second;
  auto loaded = loaded_.find(key);
  if (loaded == loaded_.end()) {
    absl::StatusOr<std::optional<StoredRecord>> found = load_(key);
    if (!found.ok()) return load_status_ = std::move(found).status();
    loaded = loaded_.emplace(key, *std::move(found)).first;
  }
  return loaded->second.has_value() ? &*loaded->second : nullptr;
}

int64_t Transaction::StoredVersion(const RecordKey& key) const {
  const auto loaded = loaded_.find(key);
  return loaded != loaded_.end() && loaded->second.has_value() ? loaded->second->version : 0;
}

void Transaction::SetNow(google::protobuf::Timestamp& timestamp) const {
  timestamp = ToTimestamp(context_.now);
}

void Transaction::Change(StoredRecord record) {
  const RecordKey key = record.key;
  changes_.insert_or_assign(key, std::move(record));
  if (key.kind == kOrder) TellVersion(key.id);
}

}  // namespace makegood::rules
