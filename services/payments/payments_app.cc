#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "common/rpc/channels.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/payments/payment_rules.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"
#include "makegood/events/v1/event_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/host/app.h"
#include "services/payments/payments_kind.h"
#include "services/payments/payments_service.h"

namespace makegood::services {
namespace {

using orders::v1::OrdersService;

constexpr char kOrders[] = "orders";

// A hold request as it was scheduled; see rules::kPlaceHold.
template <typename HoldRequest>
absl::StatusOr<HoldRequest> Scheduled(const rules::Task& task) {
  HoldRequest request;
  if (!request.ParseFromString(task.payload)) {
    return absl::InvalidArgumentError("the task's request cannot be read");
  }
  return request;
}

class PaymentsApp final : public App {
 public:
  explicit PaymentsApp(const AppContext& context)
      : context_(context),
        orders_(OrdersService::NewStub(context.peers.orders)),
        service_(context.environment, *orders_, rules::ServiceActor("payments")) {}

  void AddServices(rpc::Server& server) override {
    server.AddService<payments::v1::PaymentsService>(service_);
  }

  void Start() override {
    const rpc::Environment& environment = context_.environment;
    orders_events_.emplace(kOrders, events::v1::EventService::NewStub(context_.peers.orders),
                           environment.store, environment.policies, rules::ServiceActor("payments"),
                           rules::ReactToOrder);
    absl::flat_hash_map<std::string, flow::TaskHandler> handlers;
    handlers[rules::kPlaceHold] = [this](const rules::Task& task, absl::Time deadline) {
      return PlaceHold(task, deadline);
    };
    handlers[rules::kReleaseHold] = [this](const rules::Task& task, absl::Time deadline) {
      return ReleaseHold(task, deadline);
    };
    handlers[rules::kSurchargeExpiry] = [](const rules::Task& task, absl::Time) {
      return flow::Decision(
          [id = task.payload](rules::Transaction& tx) { return rules::ExpireSurcharge(id, tx); });
    };
    handlers[flow::ReapplyKind(kOrders)] = flow::ReapplyParkedEvent(rules::ReactToOrder);
    tasks_.emplace(environment.store, environment.clock, environment.policies,
                   rules::ServiceActor("payments"), std::move(handlers), context_.tasks);
  }

  std::vector<const flow::Subscriber*> subscribers() const override { return {&*orders_events_}; }
  flow::TaskRunner* tasks() override { return &*tasks_; }

 private:
  // PAY-02: an order that cannot be held any more has left, which is an answer too.
  absl::StatusOr<flow::Decision> PlaceHold(const rules::Task& task, absl::Time deadline) {
    ASSIGN_OR_RETURN(const orders::v1::PlaceHoldRequest request,
                     Scheduled<orders::v1::PlaceHoldRequest>(task));
    grpc::ClientContext context;
    rpc::Prepare(context, rules::ServiceActor("payments"), deadline);
    orders::v1::Order order;
    const absl::Status answer = rpc::FromGrpc(orders_->PlaceHold(&context, request, &order));
    const std::string& id = request.reference_id();
    if (answer.ok()) {
      return flow::Decision([id](rules::Transaction& tx) { return rules::HoldConfirmed(id, tx); });
    }
    if (absl::IsFailedPrecondition(answer)) {
      return flow::Decision([id](rules::Transaction& tx) { return rules::HoldRefused(id, tx); });
    }
    return answer;
  }

  // An order that is over needs no release.
  absl::StatusOr<flow::Decision> ReleaseHold(const rules::Task& task, absl::Time deadline) {
    ASSIGN_OR_RETURN(const orders::v1::ReleaseHoldRequest request,
                     Scheduled<orders::v1::ReleaseHoldRequest>(task));
    grpc::ClientContext context;
    rpc::Prepare(context, rules::ServiceActor("payments"), deadline);
    orders::v1::Order order;
    const absl::Status answer = rpc::FromGrpc(orders_->ReleaseHold(&context, request, &order));
    if (!answer.ok() && !absl::IsFailedPrecondition(answer)) return answer;
    return flow::Decision([](rules::Transaction&) { return absl::OkStatus(); });
  }

  const AppContext context_;
  const std::unique_ptr<OrdersService::StubInterface> orders_;
  PaymentsService service_;
  std::optional<flow::Subscriber> orders_events_;
  std::optional<flow::TaskRunner> tasks_;
};

}  // namespace

AppKind PaymentsKind() {
  AppKind kind;
  kind.name = "payments";
  kind.grpc_services = {payments::v1::PaymentsService::service_full_name()};
  kind.task_kinds = {rules::kPlaceHold, rules::kReleaseHold, rules::kSurchargeExpiry,
                     flow::ReapplyKind(kOrders)};
  kind.follows = {kOrders};
  kind.gauges = {{"makegood_refunds_overdue",
                  "Refunds that the customer should have had by now, by the policy's last target.",
                  metrics::OpenGauge::Figure::kOverdue,
                  std::string(rules::RecordTraits<payments::v1::Refund>::kKind)}};
  kind.make = [](const AppContext& context) { return std::make_unique<PaymentsApp>(context); };
  return kind;
}

}  // namespace makegood::services
