#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/flow/call_task.h"
#include "common/rules/payments/credit_note_due.h"
#include "common/rules/payments/order_reactions.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/payments/surcharge_rules.h"
#include "common/rules/scope.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/events/v1/event_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "services/host/app.h"
#include "services/payments/payments_kind.h"
#include "services/payments/payments_service.h"

namespace makegood::services {
namespace {

using orders::v1::OrdersService;
using OrdersAsync = OrdersService::StubInterface::async_interface;

constexpr char kOrders[] = "orders";

// PAY-02, SYS-13.
flow::AfterCall<orders::v1::PlaceHoldRequest> AfterPlaceHold() {
  using Request = orders::v1::PlaceHoldRequest;
  return {[](const Request& request, rules::Transaction& tx) {
            return rules::HoldConfirmed(request.reference_id(), tx);
          },
          [](const Request& request, const absl::Status& answer, rules::Transaction& tx) {
            return rules::HoldRefused(request.reference_id(), answer, tx);
          }};
}

// One that is over, or was never held, is released all the same.
flow::AfterCall<orders::v1::ReleaseHoldRequest> AfterReleaseHold() {
  using Request = orders::v1::ReleaseHoldRequest;
  return {flow::NothingFollows<Request>,
          [](const Request& request, const absl::Status& answer, rules::Transaction& tx) {
            return rules::ReleaseRefused(request.reference_id(), answer, tx);
          }};
}

class PaymentsApp final : public App {
 public:
  explicit PaymentsApp(const AppContext& context)
      : context_(context),
        orders_(OrdersService::NewStub(context.peers.orders)),
        claims_(claims::v1::ClaimsService::NewStub(context.peers.claims)),
        service_(context.environment, *orders_, *claims_) {}

  void AddServices(rpc::Server& server) override {
    server.AddService<payments::v1::PaymentsService>(service_);
  }

  void Start() override {
    const rpc::Environment& environment = context_.environment;
    orders_events_.emplace(kOrders, events::v1::EventService::NewStub(context_.peers.orders),
                           environment.store, environment.policies, rules::ServiceActor("payments"),
                           rules::ReactToOrder);
    flow::TaskKinds kinds;
    const base::v1::Actor self = rules::ServiceActor("payments");
    kinds[rules::kPlaceHoldTask] =
        flow::CallTask(kOrders, *orders_->async(), &OrdersAsync::PlaceHold, self, AfterPlaceHold());
    kinds[rules::kReleaseHoldTask] =
        flow::CallTask(kOrders, *orders_->async(), &OrdersAsync::ReleaseHold, self, AfterReleaseHold());
    kinds[rules::kSurchargeExpiry] = flow::Timer([](const rules::Task& task, rules::Transaction& tx) {
      return rules::ExpireSurcharge(task.payload, tx);
    });
    kinds[rules::kCreditNoteDue] = flow::Timer([](const rules::Task& task, rules::Transaction& tx) {
      return rules::MarkCreditNoteOverdue(task.payload, tx);
    });
    kinds[flow::ReapplyKind(kOrders)] = flow::ReapplyParkedEvent(rules::ReactToOrder);
    tasks_.emplace(environment.store, environment.clock, environment.policies, self, std::move(kinds),
                   context_.tasks);
  }

  std::vector<const flow::Subscriber*> subscribers() const override { return {&*orders_events_}; }
  flow::TaskRunner* tasks() override { return &*tasks_; }

 private:
  const AppContext context_;
  const std::unique_ptr<OrdersService::StubInterface> orders_;
  const std::unique_ptr<claims::v1::ClaimsService::StubInterface> claims_;
  PaymentsService service_;
  std::optional<flow::Subscriber> orders_events_;
  std::optional<flow::TaskRunner> tasks_;
};

}  // namespace

AppKind PaymentsKind() {
  AppKind kind;
  kind.name = "payments";
  kind.grpc_services = {payments::v1::PaymentsService::service_full_name()};
  kind.follows = {kOrders};
  kind.gauges = {{"makegood_refunds_overdue",
                  "Refunds that the customer should have had by now, by the policy's last target.",
                  metrics::OpenGauge::Figure::kOverdue,
                  std::string(rules::RecordTraits<payments::v1::Refund>::kKind)}};
  kind.make = [](const AppContext& context) { return std::make_unique<PaymentsApp>(context); };
  return kind;
}

}  // namespace makegood::services
