// ScorecardService: figures against their targets (KPI-01, KPI-05, KPI-07).
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/orders/v1/scorecard_service.grpc.pb.h"
#include "services/orders/order_reads.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class ScorecardService final : public orders::v1::ScorecardService::CallbackService {
 public:
  explicit ScorecardService(const rpc::Environment& environment)
      : environment_(environment), reads_(environment) {}

  grpc::ServerUnaryReactor* GetScorecard(grpc::CallbackServerContext* context,
                                         const orders::v1::GetScorecardRequest* request,
                                         orders::v1::Scorecard* reply) override;

 private:
  const rpc::Environment& environment_;
  const OrderReads reads_;
};

}  // namespace makegood::services
