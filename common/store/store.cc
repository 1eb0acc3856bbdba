#include "common/store/store.h"

#include "absl/synchronization/notification.h"

namespace makegood::store {

absl::Status ReadNow(Store& store, absl::FunctionRef<absl::Status(Reader&)> read) {
  absl::Status status;
  absl::Notification done;
  store.Read([&](absl::StatusOr<Reader*> reader) {
    status = reader.ok() ? read(**reader) : reader.status();
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

}  // namespace makegood::store
