#include "services/claims/claims_app.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/rpc/channels.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/scope.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::services {
namespace {

using payments::v1::PaymentsService;

constexpr char kPayments[] = "payments";
constexpr int kIoThreads = 2;

// A timer: the decision named, for the claim that is the task's payload.
flow::TaskHandler Timer(absl::Status (*decide)(absl::string_view claim_id, rules::Transaction& tx)) {
  return [decide](const rules::Task& task, absl::Time) -> absl::StatusOr<flow::Decision> {
    return flow::Decision([decide, id = task.payload](rules::Transaction& tx) { return decide(id, tx); });
  };
}

// A call to payments: the task's payload is the request, complete with the task's id as its
// request_id. What it led to comes back as an event, so that there is nothing left to decide.
template <typename Request, typename Reply>
flow::TaskHandler CallTo(PaymentsService::Stub& stub,
                         grpc::Status (PaymentsService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                       Reply*)) {
  return [&stub, method](const rules::Task& task, absl::Time deadline) -> absl::StatusOr<flow::Decision> {
    Request request;
    if (!request.ParseFromString(task.payload)) {
      return absl::InvalidArgumentError("the task's request cannot be read");
    }
    grpc::ClientContext context;
    rpc::Prepare(context, rules::ServiceActor("claims"), deadline);
    Reply reply;
    RETURN_IF_ERROR(rpc::FromGrpc((stub.*method)(&context, request, &reply)));
    return flow::Decision([](rules::Transaction&) { return absl::OkStatus(); });
  };
}

absl::flat_hash_map<std::string, flow::TaskHandler> Handlers(PaymentsService::Stub& payments) {
  absl::flat_hash_map<std::string, flow::TaskHandler> handlers;
  handlers[rules::kEvidenceDue] = Timer(rules::CloseEvidence);
  handlers[rules::kDecisionDue] = Timer(rules::MarkOverdue);
  handlers[rules::kAppealEnds] = Timer(rules::CloseRejection);
  handlers[rules::kResolutionDue] = Timer(rules::MarkResolutionOverdue);
  handlers[rules::kGrantRefund] = CallTo(payments, &PaymentsService::Stub::GrantRefund);
  handlers[rules::kReleaseRefundGrant] = CallTo(payments, &PaymentsService::Stub::ReleaseRefundGrant);
  handlers[rules::kRequestCreditNote] = CallTo(payments, &PaymentsService::Stub::RequestCreditNote);
  handlers[flow::ReapplyKind(kPayments)] = flow::ReapplyParkedEvent(rules::OnPaymentEvent);
  return handlers;
}

std::vector<metrics::OpenGauge> Gauges() {
  using Figure = metrics::OpenGauge::Figure;
  const std::string kind(rules::RecordTraits<claims::v1::Claim>::kKind);
  const std::vector<std::string> states = {"STATE_AWAITING_EVIDENCE", "STATE_VERIFYING", "STATE_APPROVED",
                                           "STATE_REJECTED", "STATE_RESOLVING"};
  return {
      {"makegood_claims_open", "Claims that have not ended; rejected ones while they may be appealed.",
       Figure::kOpen, kind, states},
      {"makegood_claims_overdue",
       "Open claims whose evidence, decision or outcome should have been there by now.", Figure::kOverdue,
       kind, states},
      {"makegood_claims_oldest_open_timestamp_seconds",
       "When the claim that is open longest was opened; 0 if none is open.", Figure::kOldest, kind, states}};
}

}  // namespace

ClaimsApp::ClaimsApp(const AppContext& context)
    : context_(context),
      payments_(PaymentsService::NewStub(context_.peers.payments)),
      evidence_(absl::StrCat(context_.data_dir, "/evidence")),
      pool_(kIoThreads),
      transfer_(context_.environment, evidence_, pool_),
      service_(context_.environment, context_.peers.orders, transfer_) {}

void ClaimsApp::AddServices(rpc::Server& server) { server.AddService<claims::v1::ClaimsService>(service_); }

void ClaimsApp::Start() {
  const rpc::Environment& environment = context_.environment;
  pool_.Run([this] {
    const absl::StatusOr<int> removed =
        evidence_.Sweep(absl::Now() - made_, [this](const std::string& id) { return IsNeeded(id); });
    if (!removed.ok()) {
      Log(LogLevel::kWarning, "evidence was not swept", {{"error", std::string(removed.status().message())}});
    } else if (*removed > 0) {
      Log(LogLevel::kInfo, "files of uploads that never ended are removed",
          {{"files", absl::StrCat(*removed)}});
    }
  });
  absl::flat_hash_map<std::string, flow::TaskHandler> handlers = Handlers(*payments_);
  handlers[rules::kRemoveEvidence] = [this](const rules::Task& task, absl::Time) {
    return RemoveEvidence(task.payload);
  };
  tasks_.emplace(environment.store, environment.clock, environment.policies, rules::ServiceActor("claims"),
                 std::move(handlers), context_.tasks);
  payment_events_.emplace(kPayments, events::v1::EventService::NewStub(context_.peers.payments),
                          environment.store, environment.policies, rules::ServiceActor("claims"),
                          rules::OnPaymentEvent);
}

std::vector<const flow::Subscriber*> ClaimsApp::subscribers() const {
  if (!payment_events_.has_value()) return {};
  return {&*payment_events_};
}

absl::StatusOr<bool> ClaimsApp::IsNeeded(const std::string& evidence_id) const {
  store::Store& store = context_.environment.store;
  bool needed = false;
  RETURN_IF_ERROR(store::ReadNow(store, [&](store::Reader& reader) -> absl::Status {
    for (uint32_t part = 0; !needed && part < store.parts(); ++part) {
      const auto file = rpc::GetRecord<claims::v1::EvidenceFile>(reader, part, evidence_id);
      if (!file.ok() && !absl::IsNotFound(file.status())) return file.status();
      needed = file.ok() && file->claim_ids_size() > 0;
    }
    return absl::OkStatus();
  }));
  return needed;
}

absl::StatusOr<flow::Decision> ClaimsApp::RemoveEvidence(const std::string& evidence_id) {
  RETURN_IF_ERROR(evidence_.Remove(evidence_id, [this, &evidence_id] { return IsNeeded(evidence_id); }));
  return flow::Decision([](rules::Transaction&) { return absl::OkStatus(); });
}

AppKind ClaimsKind() {
  AppKind kind;
  kind.name = "claims";
  kind.grpc_services = {claims::v1::ClaimsService::service_full_name()};
  for (const absl::string_view task :
       {rules::kEvidenceDue, rules::kDecisionDue, rules::kAppealEnds, rules::kResolutionDue,
        rules::kGrantRefund, rules::kReleaseRefundGrant, rules::kRequestCreditNote,
        absl::string_view(rules::kRemoveEvidence)}) {
    kind.task_kinds.emplace_back(task);
  }
  kind.task_kinds.push_back(flow::ReapplyKind(kPayments));
  kind.follows = {kPayments};
  kind.gauges = Gauges();
  kind.make = [](const AppContext& context) { return std::make_unique<ClaimsApp>(context); };
  return kind;
}

}  // namespace makegood::services
