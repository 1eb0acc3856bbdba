// Evidence over the wire (CLM-02): a stream in, a stream out. gRPC's threads only hand pieces over;
// the files are written and read on the pool, one job of a stream at a time.
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <memory>

#include "absl/time/time.h"
#include "common/rpc/rpc.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "services/claims/evidence_store.h"
#include "services/claims/io_pool.h"

namespace makegood::services {

struct EvidenceTransferOptions {
  // Uploads and downloads at a time, together; more are RESOURCE_EXHAUSTED.
  int streams = 32;
  // How long the other side may be silent: not send the next piece, or not take it. Then the stream ends
  // with DEADLINE_EXCEEDED, and nothing of an upload is kept.
  absl::Duration idle = absl::Seconds(30);
};

// Makes the reactors of both methods. Thread-safe; outlives the streams, and what it is made with
// outlives it.
class EvidenceTransfer {
 public:
  EvidenceTransfer(const rpc::Edge& edge, EvidenceStore& files, IoPool& pool,
                   const EvidenceTransferOptions& options = {});

  grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest>* Upload(grpc::CallbackServerContext* context,
                                                                     claims::v1::Claim* reply);
  grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse>* Download(
      grpc::CallbackServerContext* context, const claims::v1::DownloadEvidenceRequest* request);

 private:
  class Stream;
  class UploadReactor;
  class DownloadReactor;

  const rpc::Edge& edge_;
  EvidenceStore& files_;
  IoPool& pool_;
  const EvidenceTransferOptions options_;
  std::atomic<int> streams_ = 0;
};

}  // namespace makegood::services
