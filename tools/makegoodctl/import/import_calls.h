// Orders on their way to the server and back: many calls in flight, taken in the order of the file.
#pragma once

#include <grpcpp/grpcpp.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "makegood/connectors/v1/import.pb.h"
#include "tools/makegoodctl/client/client.h"
#include "tools/makegoodctl/csv/csv.h"

namespace makegood::ctl {

// One order (or report of a status) of the file.
struct ImportItem {
  using Request = std::variant<std::monostate, orders::v1::ImportOrderRequest, orders::v1::CreateOrderRequest,
                               orders::v1::ReportStatusRequest>;

  connectors::v1::Reject about;  // line, order and status; the rest once it is rejected
  std::vector<CsvRow> rows;      // for the rejects
  int64_t end = 0;               // the byte and the line behind it in the file
  int64_t next_line = 0;
  bool counts = true;     // false for further rows of what has been counted
  bool repeated = false;  // stood in the file before
  bool was_here = false;  // the order was here before, by somebody else's import or another way in
  Request request;        // none: it was rejected before it was sent
  absl::Status verdict;
  orders::v1::ReportStatusResponse::Outcome outcome{};
};

// The window of calls in flight. One thread sends and takes; answers come on gRPC's threads. What is
// ambiguous is sent again, the same to the letter, with back-off.
class ImportCalls {
 public:
  ImportCalls(Client& client, const base::v1::Actor& actor, int window, absl::Duration patience);
  // Gives up what is in flight, and waits until it has ended.
  ~ImportCalls();
  ImportCalls(const ImportCalls&) = delete;
  ImportCalls& operator=(const ImportCalls&) = delete;

  // Whether it may be added now: there is room, and no call about the same order is in flight.
  bool Fits(const ImportItem& item) const;
  void Add(ImportItem item);
  bool empty() const { return flights_.empty(); }

  // The first item if it has been answered, or needs no answer; but before the first answer of all nothing
  // without need: until then it is not known whether whoever calls may call. Waits for that if `wait`, for
  // a moment. An error ends the
  // import: nobody answered for as long as patience lasts (UNAVAILABLE), or whoever calls may not call
  // at all (UNAUTHENTICATED, PERMISSION_DENIED), or this is no such server (UNIMPLEMENTED).
  absl::StatusOr<std::optional<ImportItem>> Take(bool wait);

 private:
  struct Flight;

  void Send(Flight& flight);
  absl::Status Land(Flight& flight);
  bool Compares(Flight& flight, absl::Status& status);
  absl::Status LandAll();
  void SendDue();
  bool IsFirstToTake(bool wait) const;

  Client& client_;
  const base::v1::Actor& actor_;
  const size_t window_;
  const absl::Duration patience_;
  std::deque<std::unique_ptr<Flight>> flights_;  // in the order of the file
  absl::flat_hash_set<std::string> order_ids_;   // of those
  size_t bytes_ = 0;                             // of their rows
  size_t waiting_ = 0;                           // to be sent again
  absl::Time answered_ = absl::InfinitePast();   // when an answer came last
  absl::Time failing_since_ = absl::InfiniteFuture();
  absl::Mutex mutex_;
  std::vector<Flight*> landed_ ABSL_GUARDED_BY(mutex_);
  size_t in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace makegood::ctl
