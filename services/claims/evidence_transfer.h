// Evidence over the wire (CLM-02): a stream in, a stream out. gRPC's threads only hand pieces over;
// the files are written and read on the pool, one job of a stream at a time.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>

#include "common/rpc/rpc.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "services/claims/evidence_store.h"
#include "services/claims/io_pool.h"
#include "services/claims/pace.h"

namespace makegood::services {

// Makes the reactors of both methods. At most so many at a time as Shares::transfers gives places; more are
// RESOURCE_EXHAUSTED. One that does not keep the pace ends with DEADLINE_EXCEEDED, and nothing of an upload
// is kept. Thread-safe; outlives the streams, and what it is made with outlives it.
class EvidenceTransfer {
 public:
  EvidenceTransfer(const rpc::Environment& environment, EvidenceStore& files, IoPool& pool,
                   const PaceLimits& pace = {});

  grpc::ServerReadReactor<claims::v1::UploadEvidenceRequest>* Upload(grpc::CallbackServerContext* context,
                                                                     claims::v1::Claim* reply);
  grpc::ServerWriteReactor<claims::v1::DownloadEvidenceResponse>* Download(
      grpc::CallbackServerContext* context, const claims::v1::DownloadEvidenceRequest* request);

 private:
  class Stream;
  class UploadReactor;
  class DownloadReactor;

  const rpc::Environment& environment_;
  EvidenceStore& files_;
  IoPool& pool_;
  const PaceLimits pace_;
};

}  // namespace makegood::services
