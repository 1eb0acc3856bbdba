// Couriers at the door, and what comes back from it: worked example 8, and goods called delivered that were
// not.
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/tour/tour.h"
#include "tools/tour/tour_steps.h"

namespace makegood::ctl {
namespace {

using deliveries::v1::Delivery;
using deliveries::v1::HandoverResult;
using orders::v1::Order;
using payments::v1::Payment;
using DeliveriesStub = deliveries::v1::DeliveriesService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

absl::Status SendCourier(Tour& tour, const Order& order) {
  deliveries::v1::DispatchRequest request;
  request.set_courier_id(CourierOf(order).actor_id());
  return Tell(tour, EmployeeOf(order), &DeliveriesStub::Dispatch, order.order_id(), request).status();
}

void Leave(Tour& tour, const Order& order) {
  tour.Accepted(SendCourier(tour, order), absl::StrCat("a courier leaves with ", order.order_id()));
}

absl::StatusOr<HandoverResult> Give(Tour& tour, const Order& order, base::v1::Taker taker) {
  deliveries::v1::HandOverParcelRequest request;
  request.set_taker(taker);
  if (taker != base::v1::TAKER_RECIPIENT) request.set_taker_name("Person at the door");
  return Tell(tour, CourierOf(order), &DeliveriesStub::HandOverParcel, order.order_id(), request);
}

void GiveToRecipient(Tour& tour, const Order& order) {
  const auto given = Give(tour, order, base::v1::TAKER_RECIPIENT);
  tour.Promise(given.ok() && given->outcome() == HandoverResult::OUTCOME_ACCEPTED &&
                   tour.Order(order.order_id()).state() == Order::STATE_DELIVERED,
               absl::StrCat("the recipient takes it: ", order.order_id(), " is DELIVERED"));
}

void ComeBack(Tour& tour, const Order& order) {
  tour.Accepted(Tell(tour, CourierOf(order), &DeliveriesStub::RecordParcelBack, order.order_id()).status(),
                absl::StrCat(order.order_id(), " is back at the store"));
}

// DLV-04: at the door from 14:00 on.
void WaitAtTheDoor(Tour& tour, const Order& order) {
  tour.MoveTo("2026-09-12T14:00+03:00");
  const auto arrived = Tell(tour, CourierOf(order), &DeliveriesStub::RecordArrival, order.order_id());
  tour.Promise(arrived.ok() && arrived->courier_task() == Delivery::COURIER_TASK_WAIT &&
                   IsAt(arrived->wait_until_time(), "2026-09-12T14:15+03:00"),
               "14:00, nobody opens: the courier waits until 14:15 (DLV-04)");
  tour.Promise(tour.NoticeCount("F-2009", "delivery_courier_waits", base::v1::CHANNEL_CHAT) == 1,
               "the customer is asked for other contacts");
  tour.MoveTo("2026-09-12T14:10+03:00");
  deliveries::v1::RecordContactRequest coming;
  coming.set_coming(true);
  const auto reached = Tell(tour, CourierOf(order), &DeliveriesStub::RecordContact, order.order_id(), coming);
  tour.Promise(reached.ok() && IsAt(reached->wait_until_time(), "2026-09-12T14:30+03:00"),
               "14:10, \"on my way\": the courier waits until 14:30 at the longest");
  tour.MoveTo("2026-09-12T14:15+03:00");
  tour.Promise(DeliveryOf(tour, "F-2009").state() == Delivery::STATE_AT_THE_DOOR, "14:15, the wait goes on");
  tour.MoveTo("2026-09-12T14:30+03:00");
  const Delivery called_back = DeliveryOf(tour, "F-2009");
  tour.Promise(called_back.state() == Delivery::STATE_RETURNING &&
                   called_back.courier_task() == Delivery::COURIER_TASK_BRING_BACK,
               "14:30, nobody has come: the courier is called back");
}

void NobodyOpens(Tour& tour) {
  tour.Chapter("12 September: nobody opens to F-2009's courier");
  tour.MoveTo("2026-09-12T13:40+03:00");
  const Order order = tour.Order("F-2009");
  Leave(tour, order);
  WaitAtTheDoor(tour, order);
  tour.MoveTo("2026-09-12T14:50+03:00");
  ComeBack(tour, order);
  const incidents::v1::Incident incident = LastIncident(tour, "F-2009");
  tour.Promise(incident.kind() == base::v1::INCIDENT_KIND_NOBODY_THERE && incident.options_size() == 3,
               "the customer has 3 choices: again, somebody else, the money without the fee");
  tour.Refused(SendCourier(tour, order), "ORD-12", "sending it out again before the choice");
  ChooseOption(tour, "F-2009", base::v1::INCIDENT_OPTION_REDELIVER, "the customer wants it brought again");
  tour.MoveTo("2026-09-12T15:30+03:00");
  Leave(tour, order);
  GiveToRecipient(tour, order);
  tour.Story("F-2009");
}

void ConciergeTakesIt(Tour& tour) {
  tour.Chapter("12 September: a concierge would take F-2010");
  const Order order = tour.Order("F-2010");
  Leave(tour, order);
  const auto refused = Give(tour, order, base::v1::TAKER_CONCIERGE);
  tour.Promise(refused.ok() && refused->outcome() == HandoverResult::OUTCOME_REFUSED &&
                   refused->rule_id() == "DLV-05" && tour.Order("F-2010").state() == Order::STATE_SHIPPED,
               "nobody has allowed that: REFUSED by DLV-05, and on record");
  deliveries::v1::AllowThirdPersonRequest allow;
  allow.add_takers(base::v1::TAKER_CONCIERGE);
  tour.Accepted(Tell(tour, CustomerOf(order), &DeliveriesStub::AllowThirdPerson, "F-2010", allow).status(),
                "the customer allows it");
  const auto taken = Give(tour, order, base::v1::TAKER_CONCIERGE);
  tour.Promise(taken.ok() && taken->outcome() == HandoverResult::OUTCOME_ACCEPTED &&
                   !taken->delivery().handover().deviation() &&
                   tour.Order("F-2010").state() == Order::STATE_DELIVERED,
               "now the concierge takes it: F-2010 is DELIVERED, as it should be");
  tour.Promise(tour.NoticeCount("F-2010", "delivery_handed_over", base::v1::CHANNEL_CHAT) == 1,
               "who took it stands in the order's chat (DLV-05)");
  tour.Story("F-2010");
}

// Worked example 8.
void GiftIsRefused(Tour& tour) {
  tour.Chapter("12 September: F-2011, a gift of 1,000 TRY and its delivery of 120, is not taken");
  tour.MoveTo("2026-09-12T16:00+03:00");
  const Order order = tour.Order("F-2011");
  Leave(tour, order);
  const auto refused = Tell(tour, CourierOf(order), &DeliveriesStub::RecordRefusal, "F-2011");
  tour.Promise(refused.ok() && refused->state() == Delivery::STATE_RETURNING,
               "the recipient does not want it: the courier brings it back (DLV-06)");
  ChooseOption(tour, "F-2011", base::v1::INCIDENT_OPTION_REFUND_LESS_FEE,
               "the customer wants the money back");
  tour.Promise(tour.Refunds("F-2011").empty(), "nothing is refunded before it is back");
  tour.MoveTo("2026-09-12T16:40+03:00");
  ComeBack(tour, order);
  tour.Promise(tour.Order("F-2011").state() == Order::STATE_RETURNED && GoesBack(tour, "F-2011", 100'000),
               "F-2011 is RETURNED, and 1,000.00 TRY go back, the fee does not (RFD-04)");
  tour.PayRefunds("F-2011");
  tour.Story("F-2011");
}

void TellNewAddress(Tour& tour, const Order& order) {
  auto request = tour.New<orders::v1::ChangeAddressRequest>();
  request.set_order_id(order.order_id());
  request.mutable_details()->add_address_lines("Bagdat Caddesi 12");
  request.mutable_details()->set_city("Istanbul");
  request.mutable_details()->set_country("TR");
  Client& client = tour.client();
  const auto changed = client.Call(CustomerOf(order), *client.addresses,
                                   &orders::v1::AddressesService::Stub::ChangeAddress, request);
  tour.Settle();
  tour.Promise(changed.ok() && !changed->has_address_change() &&
                   tour.EventCount("F-2012", events::v1::Event::kAddressChanged) == 1,
               "the customer tells the right address, not farther away: it holds at once (DLV-01)");
}

void PayForRedelivery(Tour& tour, const Order& order) {
  const auto proposed =
      ProposeSurcharge(tour, EmployeeOf(order), "F-2012", base::v1::SURCHARGE_KIND_REDELIVERY, 15000);
  tour.Accepted(proposed.status(), "the store asks 150.00 TRY for going again (PAY-04)");
  if (!proposed.ok()) return;
  tour.Refused(SendCourier(tour, order), "ORD-12", "sending it out before that is paid");
  const std::string& id = proposed->surcharge_id();
  tour.Accepted(MoveSurcharge<payments::v1::ApproveSurchargeRequest>(tour, CustomerOf(order),
                                                                     &PaymentsStub::ApproveSurcharge, id)
                    .status(),
                "the customer approves");
  tour.Accepted(MoveSurcharge<payments::v1::IssueSurchargeRequest>(tour, ManagerOf(order),
                                                                   &PaymentsStub::IssueSurcharge, id)
                    .status(),
                "the store manager issues it (PAY-03)");
  const auto paid = PaySurcharge(tour, *proposed, 15000, Payment::DESTINATION_STORE_ACCOUNT, "card-2012-b");
  tour.Promise(paid.ok() && StateOfSurcharge(tour, id) == base::v1::SURCHARGE_STATE_PAID &&
                   tour.Order("F-2012").holds().empty(),
               "it is PAID, and nothing holds the order any more (PAY-02)");
}

void AddressIsWrong(Tour& tour) {
  tour.Chapter("12 September: F-2012's recipient is somewhere else, and the courier on the way");
  tour.MoveTo("2026-09-12T17:00+03:00");
  const Order order = tour.Order("F-2012");
  Leave(tour, order);
  const auto recalled = Tell(tour, ManagerOf(order), &DeliveriesStub::RecallCourier, "F-2012");
  tour.Promise(recalled.ok() && recalled->state() == Delivery::STATE_RETURNING,
               "the store calls the courier back (DLV-03)");
  ChooseOption(tour, "F-2012", base::v1::INCIDENT_OPTION_REDELIVER, "the customer wants it brought again");
  TellNewAddress(tour, order);
  tour.MoveTo("2026-09-12T17:30+03:00");
  ComeBack(tour, order);
  PayForRedelivery(tour, order);
  Leave(tour, order);
  tour.MoveTo("2026-09-12T18:10+03:00");
  GiveToRecipient(tour, order);
  tour.Promise(DeliveryOf(tour, "F-2012").attempt_count() == 2, "on the second way");
  tour.Story("F-2012");
}

void CompletedNotDelivered(Tour& tour) {
  tour.Chapter("12 September: F-2013 is called complete, and has not arrived");
  Dispatch(tour, "F-2013");
  Deliver(tour, "F-2013");
  tour.Settle();
  const Order order = tour.Order("F-2013");
  tour.MoveTo("2026-09-12T19:00+03:00");
  const auto reported = Tell(tour, CustomerOf(order), &DeliveriesStub::ReportNotArrived, "F-2013");
  tour.Promise(reported.ok() && reported->state() == Delivery::STATE_NOT_ARRIVED,
               "the customer says so: a fact beside the order's status (ORD-07)");
  tour.Promise(tour.NoticeCount("F-2013", "delivery_not_arrived", base::v1::CHANNEL_CHAT) == 1 &&
                   WorkCount(tour, base::v1::WORK_KIND_DISPATCH_AGAIN, "F-2013") == 1,
               "an apology at once, and the store is to send it");
  Leave(tour, order);
  tour.Promise(tour.NoticeCount("F-2013", "delivery_courier_left", base::v1::CHANNEL_CHAT) == 1,
               "\"the courier has left\"");
  tour.MoveTo("2026-09-12T19:40+03:00");
  const auto given = Give(tour, order, base::v1::TAKER_RECIPIENT);
  tour.Promise(given.ok() && IsAt(given->delivery().arrived_time(), "2026-09-12T19:40+03:00"),
               "19:40, it arrives");
  const Order after = tour.Order("F-2013");
  tour.Promise(after.state() == Order::STATE_DELIVERED &&
                   after.delivered_time().seconds() == order.delivered_time().seconds(),
               "the order is DELIVERED as before, its status unchanged throughout (ORD-07)");
  tour.Story("F-2013");
}

}  // namespace

void PlayDoors(Tour& tour) {
  NobodyOpens(tour);
  ConciergeTakesIt(tour);
  GiftIsRefused(tour);
  AddressIsWrong(tour);
  CompletedNotDelivered(tour);
}

}  // namespace makegood::ctl
