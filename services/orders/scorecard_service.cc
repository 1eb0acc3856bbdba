#include "services/orders/scorecard_service.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

ServerUnaryReactor* ScorecardService::GetScorecard(CallbackServerContext* context,
                                                   const orders::v1::GetScorecardRequest* request,
                                                   orders::v1::Scorecard* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.GetScorecard(wanted, actor, reader);
                   });
}

}  // namespace makegood::services
