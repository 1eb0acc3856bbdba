// What is read of the list of work, within the caller's scope (WRK-01, ROL-11).
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/flow/watched_list.h"
#include "common/rpc/rpc.h"
#include "common/rules/work/work_records.h"
#include "common/store/store.h"
#include "makegood/base/v1/access.pb.h"
#include "makegood/orders/v1/work_service.pb.h"

namespace makegood::services {

// Reads of one service's store. Thread-safe. `environment` outlives it.
class WorkReads {
 public:
  explicit WorkReads(const rpc::Environment& environment) : environment_(environment) {}

  absl::StatusOr<orders::v1::ListWorkResponse> ListWork(const orders::v1::ListWorkRequest& request,
                                                        const base::v1::Actor& actor,
                                                        store::Reader& reader) const;
  absl::StatusOr<orders::v1::Work> GetWork(const orders::v1::GetWorkRequest& request,
                                           const base::v1::Actor& actor, store::Reader& reader) const;

  // For the stream: a page of what is open, and a piece that was written, if it is among what is asked for.
  absl::StatusOr<flow::WatchedPage<orders::v1::Work>> ReadPage(const orders::v1::StreamWorkRequest& request,
                                                               const base::v1::Actor& actor,
                                                               store::Reader& reader,
                                                               const std::string& token) const;
  absl::StatusOr<std::optional<orders::v1::Work>> ReadOne(const orders::v1::StreamWorkRequest& request,
                                                          const base::v1::Actor& actor, store::Reader& reader,
                                                          const std::string& work_id) const;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
