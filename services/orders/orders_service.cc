#include "services/orders/orders_service.h"

#include <utility>

#include "common/rpc/channels.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/orders/fastcentrik_rules.h"
#include "common/rules/orders/order_intake.h"
#include "common/rules/orders/order_rules.h"
#include "services/host/bind_return_number.h"

namespace makegood::services {

using base::v1::Actor;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

ServerUnaryReactor* OrdersService::CreateOrder(CallbackServerContext* context,
                                               const orders::v1::CreateOrderRequest* request,
                                               orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order().order_id(), rules::CreateOrder);
}

ServerUnaryReactor* OrdersService::ImportOrder(CallbackServerContext* context,
                                               const orders::v1::ImportOrderRequest* request,
                                               orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order().order_id(), rules::ImportOrder);
}

ServerUnaryReactor* OrdersService::StartShipping(CallbackServerContext* context,
                                                 const orders::v1::StartShippingRequest* request,
                                                 orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::StartShipping);
}

ServerUnaryReactor* OrdersService::HandOver(CallbackServerContext* context,
                                            const orders::v1::HandOverRequest* request,
                                            orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::HandOverAndDispatch);
}

ServerUnaryReactor* OrdersService::RecordDelivery(CallbackServerContext* context,
                                                  const orders::v1::RecordDeliveryRequest* request,
                                                  orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordDelivery);
}

ServerUnaryReactor* OrdersService::MarkReturned(CallbackServerContext* context,
                                                const orders::v1::MarkReturnedRequest* request,
                                                orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::MarkReturned);
}

ServerUnaryReactor* OrdersService::CancelOrder(CallbackServerContext* context,
                                               const orders::v1::CancelOrderRequest* request,
                                               orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::CancelOrder);
}

ServerUnaryReactor* OrdersService::TakeOffUnits(CallbackServerContext* context,
                                                const orders::v1::TakeOffUnitsRequest* request,
                                                orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::TakeOffUnits);
}

ServerUnaryReactor* OrdersService::PlaceHold(CallbackServerContext* context,
                                             const orders::v1::PlaceHoldRequest* request,
                                             orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::PlaceHold);
}

ServerUnaryReactor* OrdersService::ReleaseHold(CallbackServerContext* context,
                                               const orders::v1::ReleaseHoldRequest* request,
                                               orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::ReleaseHold);
}

ServerUnaryReactor* OrdersService::ReportFalseDelivery(CallbackServerContext* context,
                                                       const orders::v1::ReportFalseDeliveryRequest* request,
                                                       orders::v1::Order* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::ReportFalseDelivery);
}

ServerUnaryReactor* OrdersService::AssignReturnNumber(CallbackServerContext* context,
                                                      const orders::v1::AssignReturnNumberRequest* request,
                                                      orders::v1::Order* reply) {
  using orders::v1::ReturnNumber;
  using Facts = std::pair<orders::v1::Order, ReturnNumber>;
  return rpc::CommandAfter<Facts>(
      environment_, context, request, reply, request->order_id(),
      rpc::FetchThen<orders::v1::Order, ReturnNumber>(
          rpc::FetchPreview<orders::v1::Order>(environment_, context, request, request->order_id(),
                                               rules::AssignReturnNumber),
          [this, request](const orders::v1::Order& order) -> absl::StatusOr<rpc::Fetch<ReturnNumber>> {
            return numbers_.FetchBound(
                BindingOf(order.order_id(), order.policy(), request->return_number(), request->command()));
          }),
      [](const orders::v1::AssignReturnNumberRequest& request, const Facts& facts,
         rules::Transaction& tx) -> absl::StatusOr<orders::v1::Order> {
        RETURN_IF_ERROR(CheckStillBound(facts.second, tx.now()));
        return rules::AssignReturnNumber(request, tx);
      });
}

ServerUnaryReactor* OrdersService::GetOrder(CallbackServerContext* context,
                                            const orders::v1::GetOrderRequest* request,
                                            orders::v1::Order* reply) {
  return rpc::ReadByKey(environment_, context, request, reply,
                        [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                          return reads_.GetOrder(wanted, actor, reader);
                        });
}

ServerUnaryReactor* OrdersService::ListOrders(CallbackServerContext* context,
                                              const orders::v1::ListOrdersRequest* request,
                                              orders::v1::ListOrdersResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.ListOrders(wanted, actor, reader);
                   });
}

ServerUnaryReactor* OrdersService::GetCorrection(CallbackServerContext* context,
                                                 const orders::v1::GetCorrectionRequest* request,
                                                 orders::v1::CorrectionCase* reply) {
  return rpc::ReadByKey(environment_, context, request, reply,
                        [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                          return reads_.GetCorrection(wanted, actor, reader);
                        });
}

ServerUnaryReactor* OrdersService::ListCorrections(CallbackServerContext* context,
                                                   const orders::v1::ListCorrectionsRequest* request,
                                                   orders::v1::ListCorrectionsResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.ListCorrections(wanted, actor, reader);
                   });
}

ServerUnaryReactor* FastCentrikService::ExportOrders(CallbackServerContext* context,
                                                     const orders::v1::ExportOrdersRequest* request,
                                                     orders::v1::ExportOrdersResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.ExportOrders(wanted, actor, reader);
                   });
}

ServerUnaryReactor* FastCentrikService::ReportStatus(CallbackServerContext* context,
                                                     const orders::v1::ReportStatusRequest* request,
                                                     orders::v1::ReportStatusResponse* reply) {
  return rpc::Command(environment_, context, request, reply, request->report().order_id(),
                      rules::ReportStatus);
}

ServerUnaryReactor* FastCentrikService::CompareStatuses(CallbackServerContext* context,
                                                        const orders::v1::CompareStatusesRequest* request,
                                                        orders::v1::CompareStatusesResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const auto& wanted, const Actor& actor, store::Reader& reader) {
                     return reads_.CompareStatuses(wanted, actor, reader);
                   });
}

ServerUnaryReactor* PolicyService::GetPolicy(CallbackServerContext* context,
                                             const base::v1::GetPolicyRequest* request,
                                             base::v1::Policy* reply) {
  return rpc::Read(
      environment_, context, request, reply,
      [this](const auto& wanted, const Actor&, store::Reader&) -> absl::StatusOr<base::v1::Policy> {
        base::v1::PolicyRef version;
        version.set_marketplace(wanted.marketplace());
        version.set_version(wanted.version());
        ASSIGN_OR_RETURN(const rules::Policy* policy,
                         wanted.version() == 0 ? environment_.policies.Current(wanted.marketplace())
                                               : environment_.policies.At(version));
        return *policy;
      });
}

ServerUnaryReactor* PolicyService::ListPolicies(CallbackServerContext* context,
                                                const base::v1::ListPoliciesRequest* request,
                                                base::v1::ListPoliciesResponse* reply) {
  return rpc::Read(environment_, context, request, reply, [this](const auto&, const Actor&, store::Reader&) {
    base::v1::ListPoliciesResponse all;
    for (const rules::Policy* policy : environment_.policies.AllCurrent()) *all.add_policies() = *policy;
    return absl::StatusOr<base::v1::ListPoliciesResponse>(std::move(all));
  });
}

}  // namespace makegood::services
