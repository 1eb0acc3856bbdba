// Extra charges: approved, issued, paid to the right account, or not (worked example 7).
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/tour/tour.h"
#include "tools/tour/tour_steps.h"

namespace makegood::ctl {
namespace {

using orders::v1::Order;
using payments::v1::Payment;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

absl::Status HandOver(Tour& tour, const Order& order) {
  auto request = tour.New<orders::v1::HandOverRequest>();
  request.set_order_id(order.order_id());
  request.set_carrier("Courier");
  Client& client = tour.client();
  return client.Call(EmployeeOf(order), *client.orders, &OrdersStub::HandOver, request).status();
}

void StartShipping(Tour& tour, const Order& order) {
  auto request = tour.New<orders::v1::StartShippingRequest>();
  request.set_order_id(order.order_id());
  Client& client = tour.client();
  tour.Accepted(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::StartShipping, request).status(),
                absl::StrCat(order.order_id(), " is being arranged"));
}

// Worked example 7.
void FartherAddress(Tour& tour) {
  tour.Chapter("10 September: F-2001's real address is farther away");
  tour.MoveTo("2026-09-10T09:00+03:00");
  const Order order = tour.Order("F-2001");
  StartShipping(tour, order);
  const auto proposed =
      ProposeSurcharge(tour, EmployeeOf(order), "F-2001", base::v1::SURCHARGE_KIND_FARTHER_ADDRESS, 15000);
  tour.Accepted(proposed.status(), "an employee proposes a surcharge of 150.00 TRY (PAY-04)");
  if (!proposed.ok()) return;
  const std::string& id = proposed->surcharge_id();
  const auto issue = &PaymentsStub::IssueSurcharge;
  using Issue = payments::v1::IssueSurchargeRequest;
  tour.Refused(MoveSurcharge<Issue>(tour, ManagerOf(order), issue, id).status(), "PAY-01",
               "issuing it unapproved");
  tour.Accepted(MoveSurcharge<payments::v1::ApproveSurchargeRequest>(tour, CustomerOf(order),
                                                                     &PaymentsStub::ApproveSurcharge, id)
                    .status(),
                "the customer approves");
  tour.Refused(MoveSurcharge<Issue>(tour, CourierOf(order), issue, id).status(), "PAY-03",
               "issuing by a courier");
  tour.Accepted(MoveSurcharge<Issue>(tour, ManagerOf(order), issue, id).status(),
                "the store manager issues it");
  tour.Refused(HandOver(tour, order), "ORD-12", "handing the order over while it is unpaid");
  const auto to_staff = PaySurcharge(tour, *proposed, 15000, Payment::DESTINATION_STAFF, "card-2001-a");
  tour.Promise(to_staff.ok() && to_staff->outcome() == Payment::OUTCOME_REFUSED &&
                   StateOfSurcharge(tour, id) == base::v1::SURCHARGE_STATE_ISSUED,
               "150.00 TRY to a staff card are recorded as REFUSED and count for nothing (PAY-05)");
  const auto paid = PaySurcharge(tour, *proposed, 15000, Payment::DESTINATION_STORE_ACCOUNT, "card-2001-b");
  tour.Promise(paid.ok() && StateOfSurcharge(tour, id) == base::v1::SURCHARGE_STATE_PAID,
               "150.00 TRY to the store's account make it PAID (PAY-06)");
  tour.Accepted(HandOver(tour, order), "now the order may leave (PAY-02)");
  tour.MoveTo("2026-09-10T15:00+03:00");
  Deliver(tour, "F-2001");
  tour.Settle();
  tour.Story("F-2001");
}

void Declined(Tour& tour) {
  tour.Chapter("11 September: three more surcharges");
  tour.MoveTo("2026-09-11T09:00+03:00");
  const Order order = tour.Order("F-2002");
  StartShipping(tour, order);
  const auto proposed =
      ProposeSurcharge(tour, EmployeeOf(order), "F-2002", base::v1::SURCHARGE_KIND_EXTRA_GOODS, 20000);
  if (!proposed.ok()) return tour.Accepted(proposed.status(), "more flowers are proposed for F-2002");
  tour.Accepted(MoveSurcharge<payments::v1::DeclineSurchargeRequest>(
                    tour, CustomerOf(order), &PaymentsStub::DeclineSurcharge, proposed->surcharge_id())
                    .status(),
                "F-2002: the customer declines more flowers");
  tour.Accepted(HandOver(tour, order), "F-2002 leaves on its original terms (PAY-02)");
}

// Held for the customer, who paid too much.
int64_t CreditOf(const payments::v1::Account& account) {
  for (const payments::v1::Posting& balance : account.balances()) {
    if (balance.account() == payments::v1::Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT)
      return -balance.amount_minor();
  }
  return 0;
}

void PaidInParts(Tour& tour) {
  const Order order = tour.Order("F-2003");
  StartShipping(tour, order);
  const auto proposed = ProposeSurcharge(tour, System(), "F-2003", base::v1::SURCHARGE_KIND_FARTHER_ADDRESS,
                                         8000, "address-2003");
  if (!proposed.ok()) return tour.Accepted(proposed.status(), "a surcharge is proposed for F-2003");
  const auto approved = MoveSurcharge<payments::v1::ApproveSurchargeRequest>(
      tour, CustomerOf(order), &PaymentsStub::ApproveSurcharge, proposed->surcharge_id());
  tour.Promise(approved.ok() && approved->state() == base::v1::SURCHARGE_STATE_ISSUED,
               "F-2003: approval issues an automatic surcharge at once (PAY-01)");
  const auto first = PaySurcharge(tour, *proposed, 5000, Payment::DESTINATION_STORE_ACCOUNT, "card-2003-a");
  const auto same = PaySurcharge(tour, *proposed, 5000, Payment::DESTINATION_STORE_ACCOUNT, "card-2003-a");
  tour.Promise(first.ok() && same.ok() && first->payment_id() == same->payment_id() &&
                   StateOfSurcharge(tour, proposed->surcharge_id()) == base::v1::SURCHARGE_STATE_ISSUED,
               "50.00 of 80.00 TRY, reported twice, count once and leave it open (PAY-06)");
  const auto rest = PaySurcharge(tour, *proposed, 5000, Payment::DESTINATION_STORE_ACCOUNT, "card-2003-b");
  tour.Promise(rest.ok() &&
                   StateOfSurcharge(tour, proposed->surcharge_id()) == base::v1::SURCHARGE_STATE_PAID &&
                   CreditOf(tour.Account("F-2003")) == 2000,
               "another 50.00 pay it, and 20.00 are held as the customer's credit (PAY-06)");
  tour.Accepted(HandOver(tour, order), "F-2003 leaves");
}

void VoidedAfterPart(Tour& tour) {
  const Order order = tour.Order("F-2004");
  StartShipping(tour, order);
  const auto proposed =
      ProposeSurcharge(tour, EmployeeOf(order), "F-2004", base::v1::SURCHARGE_KIND_PACKAGING, 6000);
  if (!proposed.ok()) return tour.Accepted(proposed.status(), "a surcharge is proposed for F-2004");
  const std::string& id = proposed->surcharge_id();
  tour.Promise(PaySurcharge(tour, *proposed, 3000, Payment::DESTINATION_STORE_ACCOUNT, "card-2004").ok() &&
                   StateOfSurcharge(tour, id) == base::v1::SURCHARGE_STATE_PROPOSED,
               "F-2004: a part payment while PROPOSED is held, and approves nothing (PAY-01)");
  tour.Accepted(MoveSurcharge<payments::v1::VoidSurchargeRequest>(tour, ManagerOf(order),
                                                                  &PaymentsStub::VoidSurcharge, id)
                    .status(),
                "the store takes it back");
  const auto refunds = tour.Refunds("F-2004");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == 3000,
               "the 30.00 TRY paid so far go back (PAY-06)");
  tour.PayRefunds("F-2004");
  tour.Accepted(HandOver(tour, order), "F-2004 leaves");
}

}  // namespace

void PlaySurcharges(Tour& tour) {
  FartherAddress(tour);
  Declined(tour);
  PaidInParts(tour);
  VoidedAfterPart(tour);
  for (const char* order_id : {"F-2005", "F-2006", "F-2007", "F-2008"}) Dispatch(tour, order_id);
  tour.MoveTo("2026-09-11T16:00+03:00");
  for (const char* order_id : {"F-2002", "F-2003", "F-2004", "F-2005", "F-2006", "F-2007", "F-2008"}) {
    Deliver(tour, order_id);
  }
  tour.Settle();
  for (const char* order_id : {"F-2002", "F-2003", "F-2004", "F-2005", "F-2006", "F-2007", "F-2008"}) {
    tour.PayRefunds(order_id);
    tour.Story(order_id);
  }
}

}  // namespace makegood::ctl
