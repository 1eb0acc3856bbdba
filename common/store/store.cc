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

}  // namespace makegood::store
