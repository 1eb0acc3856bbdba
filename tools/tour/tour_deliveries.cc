// After delivery, at a marketplace without verification: a false DELIVERED (worked example 5), parcels
// that were incomplete, a withdrawal, and goods nobody collected.
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/tour/tour.h"

namespace makegood::ctl {
namespace {

using claims::v1::Claim;
using orders::v1::Order;
using ClaimsStub = claims::v1::ClaimsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

// The credit note the merchant of the order was asked for; an empty one where there is none.
payments::v1::CreditNote CreditNoteOf(Tour& tour, const std::string& order_id) {
  payments::v1::ListCreditNotesRequest request;
  request.set_order_id(order_id);
  Client& client = tour.client();
  const auto notes = client.Call(Operations(), *client.payments, &PaymentsStub::ListCreditNotes, request);
  tour.Promise(notes.ok() && notes->credit_notes_size() == 1,
               absl::StrCat("the merchant of ", order_id, " is asked for one credit note (RFD-05)"));
  return notes.ok() && notes->credit_notes_size() == 1 ? notes->credit_notes(0) : payments::v1::CreditNote();
}

absl::Status IssueCreditNote(Tour& tour, const payments::v1::CreditNote& note,
                             const std::string& return_number) {
  auto request = tour.New<payments::v1::IssueCreditNoteRequest>();
  request.set_credit_note_id(note.credit_note_id());
  request.set_order_id(note.order_id());
  request.set_return_number(return_number);
  request.set_document_number(absl::StrCat("CN-", note.order_id()));
  *request.mutable_amount() = note.amount();
  Client& client = tour.client();
  const Order order = tour.Order(note.order_id());
  return client.Call(ManagerOf(order), *client.payments, &PaymentsStub::IssueCreditNote, request).status();
}

// Worked example 5.
void CorrectFalseDelivery(Tour& tour) {
  tour.Chapter("5 September: M-1006 was set DELIVERED by mistake");
  tour.MoveTo("2026-09-05T09:00+02:00");
  Client& client = tour.client();
  const Order order = tour.Order("M-1006");
  auto report = tour.New<orders::v1::ReportFalseDeliveryRequest>();
  report.set_order_id("M-1006");
  tour.Accepted(
      client.Call(EmployeeOf(order), *client.orders, &OrdersStub::ReportFalseDelivery, report).status(),
      "the merchant reports it (ORD-05)");
  auto back = tour.New<orders::v1::MarkReturnedRequest>();
  back.set_order_id("M-1006");
  back.set_cause(base::v1::RETURN_CAUSE_ERROR);
  tour.Refused(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::MarkReturned, back).status(),
               "ORD-05", "changing its status");
  auto number = tour.New<orders::v1::AssignReturnNumberRequest>();
  number.set_order_id("M-1006");
  number.set_return_number("4712345678");
  tour.Accepted(client.Call(Operations(), *client.orders, &OrdersStub::AssignReturnNumber, number).status(),
                "Operations gives it return number 4712345678");
  tour.Settle();
  const payments::v1::CreditNote note = CreditNoteOf(tour, "M-1006");
  tour.Promise(note.amount().amount_minor() == 2700 && note.commission().amount_minor() == 300 &&
                   note.vat().amount_minor() == 630,
               "36.30 EUR = credit note 27.00 + commission 3.00 + VAT 6.30 (RFD-05)");
  tour.Refused(IssueCreditNote(tour, note, ""), "RFD-05", "a credit note without return number");
  tour.Accepted(IssueCreditNote(tour, note, "4712345678"), "with order and return number it is accepted");
  tour.Settle();
  tour.PayRefunds("M-1006");
  const Order after = tour.Order("M-1006");
  tour.Promise(after.state() == Order::STATE_DELIVERED &&
                   after.correction().state() == orders::v1::Correction::STATE_SETTLED,
               "the order is still DELIVERED, its correction settled");
  tour.Story("M-1006");
}

absl::StatusOr<Claim> OpenMissing(Tour& tour, const std::string& order_id) {
  const Order order = tour.Order(order_id);
  auto request = tour.New<claims::v1::OpenClaimRequest>();
  request.set_order_id(order_id);
  request.set_kind(base::v1::CLAIM_KIND_MISSING);
  claims::v1::ClaimedUnits& units = *request.add_units();
  units.set_line_id("1");
  units.set_quantity(1);
  Client& client = tour.client();
  return client.Call(CustomerOf(order), *client.claims, &ClaimsStub::OpenClaim, request);
}

void ReshipWhatIsMissing(Tour& tour) {
  tour.Chapter("5 September: M-1007 came incomplete, the customer wants the goods");
  const auto claim = OpenMissing(tour, "M-1007");
  tour.Accepted(claim.status(), "one of three towels is missing: a claim (CLM-01)");
  if (!claim.ok()) return;
  tour.Promise(claim->state() == Claim::STATE_APPROVED,
               "this marketplace does not verify: APPROVED (CLM-13)");
  tour.Accepted(Choose(tour, *claim, base::v1::RESOLUTION_KIND_RESHIP),
                "the customer chooses the goods (CLM-05)");
  Client& client = tour.client();
  auto reship = tour.New<claims::v1::RecordReshipRequest>();
  reship.set_claim_id(claim->claim_id());
  reship.set_carrier("MALL Delivery");
  const base::v1::Actor merchant = EmployeeOf(tour.Order("M-1007"));
  tour.Refused(client.Call(merchant, *client.claims, &ClaimsStub::RecordReship, reship).status(), "CLM-05",
               "reshipping by the marketplace's own delivery service");
  reship = tour.New<claims::v1::RecordReshipRequest>();
  reship.set_claim_id(claim->claim_id());
  reship.set_carrier("Carrier");
  reship.set_tracking_number("TR-M-1007-2");
  tour.Accepted(client.Call(merchant, *client.claims, &ClaimsStub::RecordReship, reship).status(),
                "the merchant sends it at its own expense");
  tour.Settle();
  tour.Promise(tour.Claim(claim->claim_id()).state() == Claim::STATE_RESOLVED, "the claim is RESOLVED");
  tour.Promise(tour.Refunds("M-1007").empty(), "no money moved, the customer paid nothing more");
  tour.Story("M-1007");
}

void SettleTheRest(Tour& tour) {
  tour.Chapter("6 September: M-1008 came incomplete, the customer keeps what came");
  tour.MoveTo("2026-09-06T10:00+02:00");
  const auto claim = OpenMissing(tour, "M-1008");
  tour.Accepted(claim.status(), "one of two pillows is missing: a claim");
  if (!claim.ok()) return;
  auto again = OpenMissing(tour, "M-1008");
  tour.Accepted(again.status(), "the second pillow can be claimed as well");
  tour.Refused(OpenMissing(tour, "M-1008").status(), "CLM-01", "a third of two");
  Client& client = tour.client();
  const base::v1::Actor customer = CustomerOf(tour.Order("M-1008"));
  if (again.ok()) {
    auto retract = tour.New<claims::v1::RetractClaimRequest>();
    retract.set_claim_id(again->claim_id());
    tour.Accepted(client.Call(customer, *client.claims, &ClaimsStub::RetractClaim, retract).status(),
                  "the second claim is taken back (CLM-13)");
  }
  tour.Accepted(Choose(tour, *claim, base::v1::RESOLUTION_KIND_REFUND),
                "the customer settles the rest (CLM-07)");
  tour.Settle();
  tour.Promise(tour.Refunds("M-1008").empty(), "nothing is refunded before the return document (CLM-06)");
  auto document = tour.New<claims::v1::CreateReturnDocumentRequest>();
  document.set_claim_id(claim->claim_id());
  document.set_return_number("4700001008");
  tour.Accepted(
      client.Call(Operations(), *client.claims, &ClaimsStub::CreateReturnDocument, document).status(),
      "Operations creates return document 4700001008");
  tour.Settle();
  const auto refunds = tour.Refunds("M-1008");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == 3630,
               "36.30 EUR are on their way to the customer (CLM-06)");
  const payments::v1::CreditNote note = CreditNoteOf(tour, "M-1008");
  tour.Promise(note.amount().amount_minor() == 2700, "the credit note asked for is over 27.00 EUR (RFD-05)");
  tour.Accepted(IssueCreditNote(tour, note, "4700001008"), "the merchant sends it");
  tour.PayRefunds("M-1008");
  tour.Promise(tour.Claim(claim->claim_id()).state() == Claim::STATE_RESOLVED, "the claim is RESOLVED");
  tour.Story("M-1008");
}

void Withdraw(Tour& tour) {
  tour.Chapter("7 September: the customer withdraws from M-1009");
  tour.MoveTo("2026-09-07T12:00+02:00");
  Client& client = tour.client();
  const Order order = tour.Order("M-1009");
  auto request = tour.New<claims::v1::WithdrawPurchaseRequest>();
  request.set_order_id("M-1009");
  const auto withdrawal =
      client.Call(CustomerOf(order), *client.claims, &ClaimsStub::WithdrawPurchase, request);
  tour.Accepted(withdrawal.status(), "three days after delivery the whole order is withdrawn (CLM-08)");
  if (!withdrawal.ok()) return;
  tour.Settle();
  tour.Promise(tour.Refunds("M-1009").empty(), "the refund waits for the goods");
  tour.MoveTo("2026-09-09T12:00+02:00");
  auto returned = tour.New<claims::v1::RecordGoodsReturnedRequest>();
  returned.set_withdrawal_id(withdrawal->withdrawal_id());
  tour.Accepted(
      client.Call(EmployeeOf(order), *client.claims, &ClaimsStub::RecordGoodsReturned, returned).status(),
      "the shoes are back");
  tour.Settle();
  const auto refunds = tour.Refunds("M-1009");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == order.total().amount_minor(),
               "all is paid back, the delivery fee included");
  tour.PayRefunds("M-1009");
  auto document = tour.New<claims::v1::CreateWithdrawalDocumentRequest>();
  document.set_withdrawal_id(withdrawal->withdrawal_id());
  document.set_return_number("4700001009");
  tour.Accepted(
      client.Call(Operations(), *client.claims, &ClaimsStub::CreateWithdrawalDocument, document).status(),
      "Operations creates return document 4700001009, for which the customer did not wait (RFD-05)");
  tour.Settle();
  tour.Accepted(IssueCreditNote(tour, CreditNoteOf(tour, "M-1009"), "4700001009"),
                "the merchant sends its credit note");
  tour.Promise(tour.Order("M-1009").state() == Order::STATE_DELIVERED, "the order stays DELIVERED (ORD-06)");
  tour.Story("M-1009");
}

void NobodyCollects(Tour& tour) {
  tour.Chapter("9 September: nobody collected M-1010");
  Client& client = tour.client();
  const Order order = tour.Order("M-1010");
  auto request = tour.New<orders::v1::MarkReturnedRequest>();
  request.set_order_id("M-1010");
  request.set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
  const base::v1::Actor connector = MakeActor(base::v1::ROLE_CONNECTOR, "fastcentrik", order.merchant_id());
  tour.Refused(client.Call(connector, *client.orders, &OrdersStub::MarkReturned, request).status(), "ROL-04",
               "RETURNED set by a connector");
  tour.Accepted(client.Call(EmployeeOf(order), *client.orders, &OrdersStub::MarkReturned, request).status(),
                "a person sets it RETURNED (ORD-06)");
  tour.Settle();
  tour.Story("M-1010");
  for (const char* order_id :
       {"M-1001", "M-1005", "M-1011", "M-1012", "M-1013", "M-1014", "M-1015", "M-1016"}) {
    tour.PayRefunds(order_id);
    tour.Story(order_id);
  }
}

}  // namespace

void PlayDeliveries(Tour& tour) {
  CorrectFalseDelivery(tour);
  ReshipWhatIsMissing(tour);
  SettleTheRest(tour);
  Withdraw(tour);
  NobodyCollects(tour);
}

}  // namespace makegood::ctl
