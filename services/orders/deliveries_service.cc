#include "services/orders/deliveries_service.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/base/ids.h"
#include "common/base/status.h"
#include "common/rpc/pages.h"
#include "common/rules/deliveries/delivery_actions.h"
#include "common/rules/deliveries/delivery_rules.h"
#include "common/rules/orders/order_scope.h"

namespace makegood::services {

using base::v1::Actor;
using deliveries::v1::CarriedDelivery;
using deliveries::v1::Delivery;
using deliveries::v1::ListDeliveriesRequest;
using deliveries::v1::ListDeliveriesResponse;
using grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;
using orders::v1::Order;

namespace {

absl::StatusOr<Order> OrderOf(const rpc::Environment& environment, const std::string& order_id,
                              store::Reader& reader) {
  return rpc::GetRecord<Order>(reader, PartOf(order_id, environment.store.parts()), order_id);
}

// As the caller sees it, with what its order says by now.
absl::Status Complete(const rpc::Environment& environment, const Actor& actor, store::Reader& reader,
                      Delivery& delivery) {
  rules::Shipment shipment;
  ASSIGN_OR_RETURN(shipment.order, OrderOf(environment, delivery.order_id(), reader));
  shipment.delivery = std::move(delivery);
  rules::CatchUp(shipment.order, shipment.delivery);
  rules::FillActions(shipment, actor, environment.clock.Now(), environment.policies);
  delivery = std::move(shipment.delivery);
  return absl::OkStatus();
}

// ROL-11: a courier lists what they carry.
absl::StatusOr<std::string> CourierOf(const ListDeliveriesRequest& request, const Actor& actor) {
  if (actor.role() != base::v1::ROLE_COURIER) return request.courier_id();
  if (!request.courier_id().empty() && request.courier_id() != actor.actor_id()) {
    return Denied("ROL-11", "only the caller's own can be listed");
  }
  return actor.actor_id();
}

// Of the filters those that the couriers' index does not know.
bool IsAskedFor(const Delivery& delivery, const store::ListQuery& asked) {
  const auto is = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  const std::string& state = Delivery::State_Name(delivery.state());
  const auto& states = asked.groups;
  return is(asked.order_id, delivery.order_id()) && is(asked.merchant_id, delivery.merchant_id()) &&
         is(asked.customer_id, delivery.customer_id()) &&
         (states.empty() || std::find(states.begin(), states.end(), state) != states.end());
}

// What one courier has.
absl::StatusOr<std::string> CarriedPage(const rpc::Environment& environment, const std::string& courier_id,
                                        const store::ListQuery& asked, const ListDeliveriesRequest& request,
                                        const Actor& actor, store::Reader& reader,
                                        ListDeliveriesResponse& page) {
  store::ListQuery query = asked;
  query.order_id.clear();
  query.merchant_id.clear();
  query.customer_id.clear();
  query.groups = {courier_id};
  google::protobuf::RepeatedPtrField<CarriedDelivery> found;
  ASSIGN_OR_RETURN(
      std::string next,
      rpc::ListPage<CarriedDelivery>(
          reader, std::move(query), request, found,
          [&](CarriedDelivery& one) { return Complete(environment, actor, reader, *one.mutable_delivery()); },
          [&](const CarriedDelivery& one) { return IsAskedFor(one.delivery(), asked); }));
  for (CarriedDelivery& one : found) *page.add_deliveries() = std::move(*one.mutable_delivery());
  return next;
}

absl::StatusOr<ListDeliveriesResponse> List(const rpc::Environment& environment,
                                            const ListDeliveriesRequest& request, const Actor& actor,
                                            store::Reader& reader) {
  ASSIGN_OR_RETURN(const std::string courier_id, CourierOf(request, actor));
  store::ListQuery query;
  query.order_id = request.order_id();
  query.merchant_id = request.merchant_id();
  query.customer_id = request.customer_id();
  RETURN_IF_ERROR(rpc::SetFilters(request, environment.clock.Now(), query));
  RETURN_IF_ERROR(rpc::LimitToOwn(actor, query));
  ListDeliveriesResponse page;
  if (!courier_id.empty()) {
    ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                     CarriedPage(environment, courier_id, query, request, actor, reader, page));
    return page;
  }
  ASSIGN_OR_RETURN(*page.mutable_next_page_token(),
                   rpc::ListPage<Delivery>(
                       reader, std::move(query), request, *page.mutable_deliveries(),
                       [&](Delivery& delivery) { return Complete(environment, actor, reader, delivery); }));
  return page;
}

}  // namespace

ServerUnaryReactor* DeliveriesService::Dispatch(CallbackServerContext* context,
                                                const deliveries::v1::DispatchRequest* request,
                                                deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::Dispatch);
}

ServerUnaryReactor* DeliveriesService::RecordArrival(CallbackServerContext* context,
                                                     const deliveries::v1::RecordArrivalRequest* request,
                                                     deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordArrival);
}

ServerUnaryReactor* DeliveriesService::RecordContact(CallbackServerContext* context,
                                                     const deliveries::v1::RecordContactRequest* request,
                                                     deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordContact);
}

ServerUnaryReactor* DeliveriesService::AllowThirdPerson(
    CallbackServerContext* context, const deliveries::v1::AllowThirdPersonRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::AllowThirdPerson);
}

ServerUnaryReactor* DeliveriesService::HandOverParcel(CallbackServerContext* context,
                                                      const deliveries::v1::HandOverParcelRequest* request,
                                                      deliveries::v1::HandoverResult* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::HandOverParcel);
}

ServerUnaryReactor* DeliveriesService::RecordRefusal(CallbackServerContext* context,
                                                     const deliveries::v1::RecordRefusalRequest* request,
                                                     deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordRefusal);
}

ServerUnaryReactor* DeliveriesService::RecallCourier(CallbackServerContext* context,
                                                     const deliveries::v1::RecallCourierRequest* request,
                                                     deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecallCourier);
}

ServerUnaryReactor* DeliveriesService::RecordParcelBack(
    CallbackServerContext* context, const deliveries::v1::RecordParcelBackRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordParcelBack);
}

ServerUnaryReactor* DeliveriesService::RequestInterception(
    CallbackServerContext* context, const deliveries::v1::RequestInterceptionRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RequestInterception);
}

ServerUnaryReactor* DeliveriesService::RecordInterception(
    CallbackServerContext* context, const deliveries::v1::RecordInterceptionRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordInterception);
}

ServerUnaryReactor* DeliveriesService::RecordCustomsHold(
    CallbackServerContext* context, const deliveries::v1::RecordCustomsHoldRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordCustomsHold);
}

ServerUnaryReactor* DeliveriesService::RecordCustomsRelease(
    CallbackServerContext* context, const deliveries::v1::RecordCustomsReleaseRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(),
                      rules::RecordCustomsRelease);
}

ServerUnaryReactor* DeliveriesService::ReportNotArrived(
    CallbackServerContext* context, const deliveries::v1::ReportNotArrivedRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::ReportNotArrived);
}

ServerUnaryReactor* DeliveriesService::RecordLateArrival(
    CallbackServerContext* context, const deliveries::v1::RecordLateArrivalRequest* request,
    deliveries::v1::Delivery* reply) {
  return rpc::Command(environment_, context, request, reply, request->order_id(), rules::RecordLateArrival);
}

ServerUnaryReactor* DeliveriesService::GetDelivery(CallbackServerContext* context,
                                                   const deliveries::v1::GetDeliveryRequest* request,
                                                   Delivery* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const deliveries::v1::GetDeliveryRequest& wanted, const Actor& actor,
                          store::Reader& reader) -> absl::StatusOr<Delivery> {
                     ASSIGN_OR_RETURN(const Order order, OrderOf(environment_, wanted.order_id(), reader));
                     RETURN_IF_ERROR(rules::CheckOrderScope(order, actor));
                     const uint32_t part = PartOf(wanted.order_id(), environment_.store.parts());
                     absl::StatusOr<Delivery> kept =
                         rpc::GetRecord<Delivery>(reader, part, wanted.order_id());
                     if (!kept.ok() && !absl::IsNotFound(kept.status())) return kept.status();
                     // Nothing was told of it yet but by its order.
                     Delivery delivery = kept.ok() ? *std::move(kept) : Delivery();
                     delivery.set_order_id(wanted.order_id());
                     RETURN_IF_ERROR(Complete(environment_, actor, reader, delivery));
                     return delivery;
                   });
}

ServerUnaryReactor* DeliveriesService::ListDeliveries(CallbackServerContext* context,
                                                      const ListDeliveriesRequest* request,
                                                      ListDeliveriesResponse* reply) {
  return rpc::Read(environment_, context, request, reply,
                   [this](const ListDeliveriesRequest& wanted, const Actor& actor, store::Reader& reader) {
                     return List(environment_, wanted, actor, reader);
                   });
}

}  // namespace makegood::services
