// Steps that several chapters take.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "makegood/deliveries/v1/deliveries.pb.h"
#include "makegood/incidents/v1/incidents.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments.pb.h"
#include "tools/tour/tour.h"

namespace makegood::ctl {

base::v1::Money MakeAmount(int64_t amount_minor, absl::string_view currency);

// Whether that is an RFC 3339 time (without seconds).
bool IsAt(const google::protobuf::Timestamp& time, absl::string_view expected);

// An order of one line, to be paid in advance.
orders::v1::NewOrder NewOrderOf(const std::string& order_id, const std::string& marketplace,
                                const std::string& merchant_id, const std::string& sku, int quantity,
                                const base::v1::Money& unit_price, int vat_basis_points);
// It comes in and is paid.
void TakeIn(Tour& tour, const orders::v1::NewOrder& order);

// Whether one refund of that order waits or is paid, and it is so much.
bool GoesBack(Tour& tour, const std::string& order_id, int64_t amount_minor);

bool IsHeldBy(const orders::v1::Order& order, base::v1::HoldName name);

// How much of that work waits, of the order or, where that is empty, of everybody.
int WorkCount(Tour& tour, base::v1::WorkKind kind, const std::string& order_id = "");

// The order's incident that was found last; an empty one, and a broken promise, where there is none.
incidents::v1::Incident LastIncident(Tour& tour, const std::string& order_id);
bool IsOffered(const incidents::v1::Incident& incident, base::v1::IncidentOption option);
// The customer chooses what becomes of the order's last incident.
void ChooseOption(Tour& tour, const std::string& order_id, base::v1::IncidentOption option,
                  absl::string_view what);

// Tells the deliveries something of that order, and waits until it is settled.
template <typename Request, typename Reply>
absl::StatusOr<Reply> Tell(Tour& tour, const base::v1::Actor& actor,
                           grpc::Status (deliveries::v1::DeliveriesService::Stub::*method)(
                               grpc::ClientContext*, const Request&, Reply*),
                           const std::string& order_id, Request request = {}) {
  request.mutable_command()->set_request_id(tour.NextRequestId());
  request.set_order_id(order_id);
  Client& client = tour.client();
  auto reply = client.Call(actor, *client.deliveries, method, request);
  tour.Settle();
  return reply;
}
deliveries::v1::Delivery DeliveryOf(Tour& tour, const std::string& order_id);

// Surcharges, in TRY. With a cause it follows from that by itself (PAY-01).
absl::StatusOr<payments::v1::Surcharge> ProposeSurcharge(Tour& tour, const base::v1::Actor& actor,
                                                         const std::string& order_id,
                                                         base::v1::SurchargeKind kind, int64_t amount_minor,
                                                         const std::string& cause_id = "");
// Any of the commands that take a surcharge and nothing else.
template <typename Request>
absl::StatusOr<payments::v1::Surcharge> MoveSurcharge(
    Tour& tour, const base::v1::Actor& actor,
    grpc::Status (payments::v1::PaymentsService::Stub::*method)(grpc::ClientContext*, const Request&,
                                                                payments::v1::Surcharge*),
    const std::string& surcharge_id) {
  auto request = tour.New<Request>();
  request.set_surcharge_id(surcharge_id);
  Client& client = tour.client();
  auto moved = client.Call(actor, *client.payments, method, request);
  tour.Settle();
  return moved;
}
absl::StatusOr<payments::v1::Payment> PaySurcharge(Tour& tour, const payments::v1::Surcharge& surcharge,
                                                   int64_t amount_minor,
                                                   payments::v1::Payment::Destination destination,
                                                   const std::string& reference);
base::v1::SurchargeState StateOfSurcharge(Tour& tour, const std::string& surcharge_id);

}  // namespace makegood::ctl
