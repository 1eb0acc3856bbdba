#include "services/orders/incidents_service.h"

#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rules/incidents/alternative.h"
#include "common/rules/incidents/closing_rules.h"
#include "common/rules/incidents/incident_rules.h"
#include "common/rules/incidents/supplier_tasks.h"
#include "common/rules/scope.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using incidents::v1::Incident;

ServerUnaryReactor* IncidentsService::RecordPick(CallbackServerContext* context,
                                                 const incidents::v1::RecordPickRequest* request,
                                                 incidents::v1::PickResult* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordPick);
}

ServerUnaryReactor* IncidentsService::ReportIncident(CallbackServerContext* context,
                                                     const incidents::v1::ReportIncidentRequest* request,
                                                     Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::ReportIncident);
}

ServerUnaryReactor* IncidentsService::ChooseOption(CallbackServerContext* context,
                                                   const incidents::v1::ChooseOptionRequest* request,
                                                   Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->incident_id(), rules::ChooseOption);
}

ServerUnaryReactor* IncidentsService::ProposeAlternative(
    CallbackServerContext* context, const incidents::v1::ProposeAlternativeRequest* request,
    Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->incident_id(),
                      rules::ProposeAlternative);
}

ServerUnaryReactor* IncidentsService::AnswerSupplierTask(
    CallbackServerContext* context, const incidents::v1::AnswerSupplierTaskRequest* request,
    Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->incident_id(),
                      rules::AnswerSupplierTask);
}

ServerUnaryReactor* IncidentsService::CloseIncident(CallbackServerContext* context,
                                                    const incidents::v1::CloseIncidentRequest* request,
                                                    Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->incident_id(), rules::CloseIncident);
}

ServerUnaryReactor* IncidentsService::EscalateIncident(CallbackServerContext* context,
                                                       const incidents::v1::EscalateIncidentRequest* request,
                                                       Incident* reply) {
  return rpc::Command(environment_, context, request, reply, request->incident_id(), rules::EscalateIncident);
}

ServerUnaryReactor* IncidentsService::GetIncident(CallbackServerContext* context,
                                                  const incidents::v1::GetIncidentRequest* request,
                                                  Incident* reply) {
  return rpc::Read(
      environment_, context, request, reply,
      [this](const incidents::v1::GetIncidentRequest& request, const Actor& actor,
             store::Reader& reader) -> absl::StatusOr<Incident> {
        ASSIGN_OR_RETURN(
            Incident incident,
            rpc::GetRecord<Incident>(reader, PartOf(request.incident_id(), environment_.store.parts()),
                                     request.incident_id()));
        RETURN_IF_ERROR(rules::CheckScope(actor, incident.merchant_id(), incident.customer_id(), "ROL-11"));
        rules::FillActions(incident, actor, environment_.clock.Now(), environment_.policies);
        return incident;
      });
}

ServerUnaryReactor* IncidentsService::ListIncidents(CallbackServerContext* context,
                                                    const incidents::v1::ListIncidentsRequest* request,
                                                    incidents::v1::ListIncidentsResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const incidents::v1::ListIncidentsRequest& request, const Actor& actor,
                          store::Reader& reader) -> absl::StatusOr<incidents::v1::ListIncidentsResponse> {
                     const absl::Time now = environment_.clock.Now();
                     store::ListQuery query;
                     RETURN_IF_ERROR(rpc::SetFilters(request, now, query));
                     RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
                     incidents::v1::ListIncidentsResponse page;
                     ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                                      rpc::ListPage<Incident>(
                                          reader, std::move(query), request, *page.mutable_incidents(),
                                          [&](Incident& incident) {
                                            rules::FillActions(incident, actor, now, environment_.policies);
                                            return absl::OkStatus();
                                          }));
                     return page;
                   });
}

}  // namespace makegood::services
