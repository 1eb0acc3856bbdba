// Kinds of tasks that several services have.
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/base/status.h"
#include "common/flow/flow.h"

namespace makegood::flow {

std::string ReapplyKind(absl::string_view source) { return absl::StrCat(store::kApplyEvent, source); }

TaskKind ReapplyParkedEvent(Reaction reaction) {
  return Timer(
      [reaction = std::move(reaction)](const rules::Task& task, rules::Transaction& tx) -> absl::Status {
        events::v1::Event event;
        if (!event.ParseFromString(task.payload)) return absl::DataLossError("a parked event cannot be read");
        return reaction(event, tx);
      });
}

TaskKind ScrubStore(store::Store& store) {
  struct Last {
    absl::Mutex mutex;
    absl::Time due ABSL_GUARDED_BY(mutex) = absl::InfinitePast();
  };
  return Blocking("scrub",
                  [&store, last = std::make_shared<Last>()](const rules::Task& task,
                                                            absl::Time) -> absl::StatusOr<Decision> {
                    absl::MutexLock lock(&last->mutex);
                    if (task.due > last->due) {
                      RETURN_IF_ERROR(store.Scrub());
                      last->due = task.due;
                    }
                    return NothingToDecide;
                  });
}

}  // namespace makegood::flow
