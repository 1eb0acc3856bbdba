#include "common/rules/transaction.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/ids.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using base::v1::WorkItem;

bool AreOne(const WorkItem& a, const WorkItem& b) {
  return a.kind() == b.kind() && a.subject_id() == b.subject_id() && a.detail() == b.detail();
}

// Calls `tell` with each of `items` of which `others` has no equal.
template <typename Equal, typename Tell>
void ForEachWithout(const std::vector<WorkItem>& items, const std::vector<WorkItem>& others,
                    const Equal& equal, const Tell& tell) {
  for (const WorkItem& item : items) {
    const auto is_equal = [&](const WorkItem& other) { return equal(item, other); };
    if (std::none_of(others.begin(), others.end(), is_equal)) tell(item);
  }
}

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
  const auto order = changes_.find(RecordKey{std::string(kOrderKind), std::string(order_id)});
  if (order == changes_.end()) return;
  events::v1::Event* last = nullptr;
  for (events::v1::Event& event : events_) {
    if (event.order_id() != order_id) continue;
    event.clear_order_version();
    last = &event;
  }
  if (last != nullptr) last->set_order_version(order->second.version);
}

events::v1::Event& Transaction::LastEventAbout(const events::v1::Event& about) {
  const auto last = std::find_if(events_.rbegin(), events_.rend(), [&](const events::v1::Event& event) {
    return event.order_id() == about.order_id();
  });
  if (last != events_.rend()) return *last;
  events::v1::Event event = about;
  event.mutable_work_changed();
  Emit(std::move(event));
  return events_.back();
}

void Transaction::TellWork() {
  const auto same = [](const WorkItem& a, const WorkItem& b) {
    return a.SerializeAsString() == b.SerializeAsString();
  };
  for (const auto& [key, waits] : waits_) {
    if (!waits.about.has_value()) continue;
    const events::v1::Event& about = *waits.about;
    ForEachWithout(waits.before, waits.now, AreOne,
                   [&](const WorkItem& item) { *LastEventAbout(about).add_work_ended() = item; });
    ForEachWithout(waits.now, waits.before, same,
                   [&](const WorkItem& item) { *LastEventAbout(about).add_work_begun() = item; });
    // SYS-13: whoever follows hears of every version.
    if (key.kind == kOrderKind) LastEventAbout(about);
  }
}

void Transaction::Schedule(Task task) { tasks_.push_back(std::move(task)); }

void Transaction::Schedule(absl::string_view kind, absl::Time due,
                           const google::protobuf::MessageLite& payload) {
  Schedule(Task{NewId("tsk"), std::string(kind), due, payload.SerializeAsString()});
}

void Transaction::Cancel(absl::string_view task_id) {
  // Scheduled by this decision it is no task yet.
  tasks_.erase(
      std::remove_if(tasks_.begin(), tasks_.end(), [&](const Task& task) { return task.id == task_id; }),
      tasks_.end());
  cancelled_tasks_.emplace_back(task_id);
}

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

bool Transaction::IsAsRead(const RecordKey& key, int64_t version) const {
  return version > 0 && StoredVersion(key) == version && !changes_.contains(key);
}

void Transaction::SetNow(google::protobuf::Timestamp& timestamp) const {
  timestamp = ToTimestamp(context_.now);
}

void Transaction::Change(StoredRecord record) {
  const RecordKey key = record.key;
  changes_.insert_or_assign(key, std::move(record));
  if (key.kind == kOrderKind) TellVersion(key.id);
}

}  // namespace makegood::rules
