#include "services/claims/claims_app.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status.h"
#include "common/flow/call_task.h"
#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "common/rules/erasure_tasks.h"
#include "common/rules/scope.h"
#include "makegood/events/v1/event_service.grpc.pb.h"

namespace makegood::services {
namespace {

using payments::v1::PaymentsService;
using PaymentsAsync = PaymentsService::StubInterface::async_interface;

constexpr char kPayments[] = "payments";
constexpr char kOrders[] = "orders";
constexpr int kIoThreads = 2;

// A timer: the decision named, for the claim that is the task's payload.
flow::TaskKind ClaimTimer(absl::Status (*decide)(absl::string_view claim_id, rules::Transaction& tx)) {
  return flow::Timer(
      [decide](const rules::Task& task, rules::Transaction& tx) { return decide(task.payload, tx); });
}

flow::TaskKinds Kinds(PaymentsAsync& payments) {
  flow::TaskKinds kinds;
  kinds[rules::kEvidenceDue] = ClaimTimer(rules::CloseEvidence);
  kinds[rules::kDecisionDue] = ClaimTimer(rules::MarkOverdue);
  kinds[rules::kAppealEnds] = ClaimTimer(rules::CloseRejection);
  kinds[rules::kResolutionDue] = ClaimTimer(rules::MarkResolutionOverdue);
  kinds[rules::kWithdrawalDue] = ClaimTimer(rules::MarkWithdrawalOverdue);
  // What it led to comes back as an event; a refusal is the case's to know.
  using Request = payments::v1::GrantRefundRequest;
  kinds[rules::kGrantRefundTask] = flow::CallTask<PaymentsAsync, Request, payments::v1::RefundGrant>(
      kPayments, payments, &PaymentsAsync::GrantRefund, rules::ServiceActor("claims"),
      {flow::NothingFollows<Request>,
       [](const Request& request, const absl::Status& refusal, rules::Transaction& tx) {
         return rules::NoteRefusedCall(base::v1::CALL_KIND_GRANT_REFUND, request.command().request_id(),
                                       refusal, tx);
       }});
  kinds[flow::ReapplyKind(kOrders)] = flow::ReapplyParkedEvent(rules::OnOrderEvent);
  kinds[flow::ReapplyKind(kPayments)] = flow::ReapplyParkedEvent(rules::OnPaymentEvent);
  return kinds;
}

std::vector<metrics::OpenGauge> Gauges() {
  using Figure = metrics::OpenGauge::Figure;
  const std::string kind(rules::RecordTraits<claims::v1::Claim>::kKind);
  const std::string withdrawal(rules::RecordTraits<claims::v1::Withdrawal>::kKind);
  const std::vector<std::string> states = {"STATE_AWAITING_EVIDENCE", "STATE_VERIFYING", "STATE_APPROVED",
                                           "STATE_REJECTED", "STATE_RESOLVING"};
  return {
      {"makegood_claims_open", "Claims that have not ended; rejected ones while they may be appealed.",
       Figure::kOpen, kind, states},
      {"makegood_claims_overdue",
       "Open claims whose evidence, decision or outcome should have been there by now, or that were refused "
       "something.",
       Figure::kOverdue, kind, states},
      {"makegood_claims_oldest_open_timestamp_seconds",
       "When the claim that is open longest was opened; 0 if none is open.", Figure::kOldest, kind, states},
      {"makegood_withdrawals_open",
       "Withdrawals that wait for their goods or for their money.",
       Figure::kOpen,
       withdrawal,
       {"STATE_OPEN", "STATE_GOODS_RETURNED"}},
      {"makegood_withdrawals_overdue",
       "Open withdrawals that should have been paid back by now, or that were refused something.",
       Figure::kOverdue,
       withdrawal,
       {"STATE_OPEN", "STATE_GOODS_RETURNED"}}};
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
  flow::TaskKinds kinds = Kinds(*payments_->async());
  kinds[rules::kRemoveEvidence] = flow::Blocking(
      "disk", [this](const rules::Task& task, absl::Time) { return RemoveEvidence(task.payload); });
  tasks_.emplace(environment.store, environment.clock, environment.policies, rules::ServiceActor("claims"),
                 std::move(kinds), context_.tasks);
  payment_events_.emplace(kPayments, events::v1::EventService::NewStub(context_.peers.payments),
                          environment.store, environment.policies, rules::ServiceActor("claims"),
                          rules::OnPaymentEvent);
  dates_.emplace(environment.store, environment.policies, rules::ServiceActor("claims"),
                 rules::SettleClaimDates);
  order_events_.emplace(kOrders, events::v1::EventService::NewStub(context_.peers.orders), environment.store,
                        environment.policies, rules::ServiceActor("claims"), rules::OnOrderEvent);
}

std::vector<const flow::Subscriber*> ClaimsApp::subscribers() const {
  if (!order_events_.has_value()) return {};
  return {&*payment_events_, &*order_events_};
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
  return flow::NothingToDecide;
}

AppKind ClaimsKind() {
  AppKind kind;
  kind.name = "claims";
  kind.grpc_services = {claims::v1::ClaimsService::service_full_name()};
  kind.follows = {kPayments, kOrders};
  kind.gauges = Gauges();
  kind.make = [](const AppContext& context) { return std::make_unique<ClaimsApp>(context); };
  return kind;
}

}  // namespace makegood::services
