// IncidentsService: trouble with orders before they leave. The wire, and nothing else.
#pragma once

#include <grpcpp/grpcpp.h>

#include "common/rpc/rpc.h"
#include "makegood/incidents/v1/incidents_service.grpc.pb.h"

namespace makegood::services {

// `environment` outlives it; it outlives the server.
class IncidentsService final : public incidents::v1::IncidentsService::CallbackService {
 public:
  explicit IncidentsService(const rpc::Environment& environment) : environment_(environment) {}

  grpc::ServerUnaryReactor* RecordPick(grpc::CallbackServerContext* context,
                                       const incidents::v1::RecordPickRequest* request,
                                       incidents::v1::PickResult* reply) override;
  grpc::ServerUnaryReactor* ReportIncident(grpc::CallbackServerContext* context,
                                           const incidents::v1::ReportIncidentRequest* request,
                                           incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* ChooseOption(grpc::CallbackServerContext* context,
                                         const incidents::v1::ChooseOptionRequest* request,
                                         incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* ProposeAlternative(grpc::CallbackServerContext* context,
                                               const incidents::v1::ProposeAlternativeRequest* request,
                                               incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* AnswerSupplierTask(grpc::CallbackServerContext* context,
                                               const incidents::v1::AnswerSupplierTaskRequest* request,
                                               incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* CloseIncident(grpc::CallbackServerContext* context,
                                          const incidents::v1::CloseIncidentRequest* request,
                                          incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* EscalateIncident(grpc::CallbackServerContext* context,
                                             const incidents::v1::EscalateIncidentRequest* request,
                                             incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* GetIncident(grpc::CallbackServerContext* context,
                                        const incidents::v1::GetIncidentRequest* request,
                                        incidents::v1::Incident* reply) override;
  grpc::ServerUnaryReactor* ListIncidents(grpc::CallbackServerContext* context,
                                          const incidents::v1::ListIncidentsRequest* request,
                                          incidents::v1::ListIncidentsResponse* reply) override;

 private:
  const rpc::Environment& environment_;
};

}  // namespace makegood::services
