// WorkService: what waits for people in all services, and who does it (WRK-01, WRK-02).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/flow/watched_list.h"
#include "common/rpc/rpc.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "services/orders/work_reads.h"

namespace makegood::services {

// Made before the store's first Submit; outlives the server. `environment` outlives it.
class WorkService final : public orders::v1::WorkService::CallbackService {
 public:
  explicit WorkService(const rpc::Environment& environment);

  // Ends all streams: the server drains.
  void EndStreams() { streams_.EndStreams(); }

  grpc::ServerUnaryReactor* ListWork(grpc::CallbackServerContext* context,
                                     const orders::v1::ListWorkRequest* request,
                                     orders::v1::ListWorkResponse* reply) override;
  grpc::ServerUnaryReactor* GetWork(grpc::CallbackServerContext* context,
                                    const orders::v1::GetWorkRequest* request,
                                    orders::v1::Work* reply) override;
  grpc::ServerWriteReactor<orders::v1::Work>* StreamWork(
      grpc::CallbackServerContext* context, const orders::v1::StreamWorkRequest* request) override;
  grpc::ServerUnaryReactor* TakeWork(grpc::CallbackServerContext* context,
                                     const orders::v1::TakeWorkRequest* request,
                                     orders::v1::WorkVerdicts* reply) override;
  grpc::ServerUnaryReactor* GiveBackWork(grpc::CallbackServerContext* context,
                                         const orders::v1::GiveBackWorkRequest* request,
                                         orders::v1::WorkVerdicts* reply) override;
  grpc::ServerUnaryReactor* AssignWork(grpc::CallbackServerContext* context,
                                       const orders::v1::AssignWorkRequest* request,
                                       orders::v1::WorkVerdicts* reply) override;
  grpc::ServerUnaryReactor* PutOffWork(grpc::CallbackServerContext* context,
                                       const orders::v1::PutOffWorkRequest* request,
                                       orders::v1::WorkVerdicts* reply) override;

 private:
  const rpc::Environment& environment_;
  const WorkReads reads_;
  flow::WatchedList<orders::v1::StreamWorkRequest, orders::v1::Work> streams_;
};

}  // namespace makegood::services
