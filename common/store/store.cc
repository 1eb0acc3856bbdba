#include "common/store/store.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "absl/synchronization/notification.h"
#include "common/base/status.h"

namespace makegood::store {

absl::Status ReadNow(Store& store, absl::FunctionRef<absl::Status(Reader&)> read) {
  absl::Status status;
  absl::Notification done;
  store.Read([&](absl::StatusOr<Reader*> reader) {
    status = reader.ok() ? Contained([&] { return read(**reader); }) : reader.status();
    done.Notify();
  });
  done.WaitForNotification();
  return status;
}

absl::Status ForEachPage(Reader& reader, ListQuery query,
                         absl::FunctionRef<absl::Status(const RecordPage&)> page) {
  while (true) {
    ASSIGN_OR_RETURN(const RecordPage found, reader.List(query));
    RETURN_IF_ERROR(page(found));
    if (!found.more) return absl::OkStatus();
    query.after = query.PlaceOf(found.records.back());
  }
}

absl::Status ForEachPage(Store& store, ListQuery query,
                         absl::FunctionRef<absl::Status(const RecordPage&)> page) {
  while (true) {
    RecordPage found;
    RETURN_IF_ERROR(ReadNow(store, [&](Reader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(found, reader.List(query));
      return absl::OkStatus();
    }));
    RETURN_IF_ERROR(page(found));
    if (!found.more) return absl::OkStatus();
    query.after = query.PlaceOf(found.records.back());
  }
}

absl::StatusOr<std::vector<DueTask>> Store::DueTasks(absl::Time now, absl::Time wall_now, int limit) {
  std::vector<DueTask> all;
  for (uint32_t part = 0; part < parts(); ++part) {
    ASSIGN_OR_RETURN(std::vector<DueTask> due,
                     DueTasks({.part = part, .now = now, .wall_now = wall_now, .limit = limit}));
    std::move(due.begin(), due.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const DueTask& a, const DueTask& b) {
    return std::tie(a.task.due, a.part, a.task.id) < std::tie(b.task.due, b.part, b.task.id);
  });
  if (all.size() > static_cast<size_t>(limit)) all.resize(static_cast<size_t>(limit));
  return all;
}

absl::Status Store::FailTask(const DueTask& task, absl::string_view error, absl::Time retry_at) {
  absl::Status status;
  absl::Notification recorded;
  FailTask(task, error, retry_at, [&](absl::Status done) {
    status = std::move(done);
    recorded.Notify();
  });
  recorded.WaitForNotification();
  return status;
}

}  // namespace makegood::store
