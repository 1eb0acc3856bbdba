#include "tools/tour/tour_steps.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/rules/times.h"

namespace makegood::ctl {

base::v1::Money MakeAmount(int64_t amount_minor, absl::string_view currency) {
  base::v1::Money money;
  money.set_amount_minor(amount_minor);
  money.set_currency(std::string(currency));
  return money;
}

bool IsAt(const google::protobuf::Timestamp& time, absl::string_view expected) {
  absl::Time at;
  return absl::ParseTime("%Y-%m-%dT%H:%M%Ez", expected, &at, nullptr) && rules::ToTime(time) == at;
}

orders::v1::NewOrder NewOrderOf(const std::string& order_id, const std::string& marketplace,
                                const std::string& merchant_id, const std::string& sku, int quantity,
                                const base::v1::Money& unit_price, int vat_basis_points) {
  orders::v1::NewOrder order;
  order.set_order_id(order_id);
  order.set_marketplace(marketplace);
  order.set_merchant_id(merchant_id);
  order.set_customer_id(absl::StrCat("c-", order_id.substr(order_id.find('-') + 1)));
  order.mutable_customer()->set_name(absl::StrCat("Customer ", order.customer_id()));
  order.mutable_customer()->set_email(absl::StrCat(order.customer_id(), "@example.com"));
  order.set_payment_method(base::v1::PAYMENT_METHOD_PREPAID);
  order.set_currency(unit_price.currency());
  orders::v1::NewOrderLine& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku(sku);
  line.set_quantity(quantity);
  *line.mutable_unit_price() = unit_price;
  line.set_vat_basis_points(vat_basis_points);
  return order;
}

void TakeIn(Tour& tour, const orders::v1::NewOrder& order) {
  auto create = tour.New<orders::v1::CreateOrderRequest>();
  *create.mutable_order() = order;
  Client& client = tour.client();
  const auto created =
      client.Call(System(), *client.orders, &orders::v1::OrdersService::Stub::CreateOrder, create);
  if (!created.ok()) return tour.Accepted(created.status(), absl::StrCat(order.order_id(), " comes in"));
  tour.Settle();
  auto pay = tour.New<payments::v1::RecordPaymentRequest>();
  pay.set_order_id(order.order_id());
  *pay.mutable_amount() = created->total();
  pay.set_reference(absl::StrCat("card-", order.order_id()));
  pay.set_destination(payments::v1::Payment::DESTINATION_STORE_ACCOUNT);
  tour.Accepted(
      client.Call(System(), *client.payments, &payments::v1::PaymentsService::Stub::RecordPayment, pay)
          .status(),
      absl::StrCat(order.order_id(), " comes in and is paid"));
  tour.Settle();
}

bool GoesBack(Tour& tour, const std::string& order_id, int64_t amount_minor) {
  const auto refunds = tour.Refunds(order_id);
  return refunds.size() == 1 && refunds[0].amount().amount_minor() == amount_minor;
}

bool IsHeldBy(const orders::v1::Order& order, base::v1::HoldName name) {
  return std::any_of(order.holds().begin(), order.holds().end(),
                     [name](const orders::v1::Hold& hold) { return hold.name() == name; });
}

int WorkCount(Tour& tour, base::v1::WorkKind kind, const std::string& order_id) {
  orders::v1::ListWorkRequest request;
  request.add_kinds(kind);
  request.set_order_id(order_id);
  Client& client = tour.client();
  const auto list =
      client.Call(Operations(), *client.work, &orders::v1::WorkService::Stub::ListWork, request);
  if (list.ok()) return list->work_size();
  tour.Accepted(list.status(), "the work is listed");
  return -1;
}

incidents::v1::Incident LastIncident(Tour& tour, const std::string& order_id) {
  incidents::v1::ListIncidentsRequest request;
  request.set_order_id(order_id);
  request.set_page_size(1);
  Client& client = tour.client();
  const auto page = client.Call(Operations(), *client.incidents,
                                &incidents::v1::IncidentsService::Stub::ListIncidents, request);
  if (page.ok() && page->incidents_size() > 0) return page->incidents(0);
  tour.Promise(false, absl::StrCat("there is an incident of ", order_id, ": ", page.status().ToString()));
  return {};
}

bool IsOffered(const incidents::v1::Incident& incident, base::v1::IncidentOption option) {
  return std::any_of(
      incident.options().begin(), incident.options().end(),
      [option](const incidents::v1::OfferedOption& offered) { return offered.option() == option; });
}

void ChooseOption(Tour& tour, const std::string& order_id, base::v1::IncidentOption option,
                  absl::string_view what) {
  auto choice = tour.New<incidents::v1::ChooseOptionRequest>();
  choice.set_incident_id(LastIncident(tour, order_id).incident_id());
  choice.set_option(option);
  Client& client = tour.client();
  tour.Accepted(client
                    .Call(CustomerOf(tour.Order(order_id)), *client.incidents,
                          &incidents::v1::IncidentsService::Stub::ChooseOption, choice)
                    .status(),
                what);
  tour.Settle();
}

deliveries::v1::Delivery DeliveryOf(Tour& tour, const std::string& order_id) {
  deliveries::v1::GetDeliveryRequest request;
  request.set_order_id(order_id);
  Client& client = tour.client();
  auto delivery = client.Call(Operations(), *client.deliveries,
                              &deliveries::v1::DeliveriesService::Stub::GetDelivery, request);
  if (delivery.ok()) return *std::move(delivery);
  tour.Accepted(delivery.status(), absl::StrCat("the delivery of ", order_id, " can be read"));
  return {};
}

absl::StatusOr<payments::v1::Surcharge> ProposeSurcharge(Tour& tour, const base::v1::Actor& actor,
                                                         const std::string& order_id,
                                                         base::v1::SurchargeKind kind, int64_t amount_minor,
                                                         const std::string& cause_id) {
  auto request = tour.New<payments::v1::ProposeSurchargeRequest>();
  request.set_order_id(order_id);
  request.set_kind(kind);
  *request.mutable_amount() = MakeAmount(amount_minor, "TRY");
  request.set_cause_id(cause_id);
  Client& client = tour.client();
  auto proposed =
      client.Call(actor, *client.payments, &payments::v1::PaymentsService::Stub::ProposeSurcharge, request);
  tour.Settle();
  return proposed;
}

absl::StatusOr<payments::v1::Payment> PaySurcharge(Tour& tour, const payments::v1::Surcharge& surcharge,
                                                   int64_t amount_minor,
                                                   payments::v1::Payment::Destination destination,
                                                   const std::string& reference) {
  auto request = tour.New<payments::v1::RecordPaymentRequest>();
  request.set_order_id(surcharge.order_id());
  request.set_surcharge_id(surcharge.surcharge_id());
  *request.mutable_amount() = MakeAmount(amount_minor, "TRY");
  request.set_reference(reference);
  request.set_destination(destination);
  Client& client = tour.client();
  auto payment =
      client.Call(System(), *client.payments, &payments::v1::PaymentsService::Stub::RecordPayment, request);
  tour.Settle();
  return payment;
}

base::v1::SurchargeState StateOfSurcharge(Tour& tour, const std::string& surcharge_id) {
  payments::v1::GetSurchargeRequest request;
  request.set_surcharge_id(surcharge_id);
  Client& client = tour.client();
  const auto surcharge = client.Call(Operations(), *client.payments,
                                     &payments::v1::PaymentsService::Stub::GetSurcharge, request);
  return surcharge.ok() ? surcharge->state() : base::v1::SURCHARGE_STATE_UNSPECIFIED;
}

}  // namespace makegood::ctl
