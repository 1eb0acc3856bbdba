// A supplier who sends nothing and says nothing, and parcels that are called back from their carrier.
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/tour/tour.h"
#include "tools/tour/tour_steps.h"

namespace makegood::ctl {
namespace {

using deliveries::v1::Interception;
using incidents::v1::Incident;
using incidents::v1::SupplierTask;
using orders::v1::Order;
using DeliveriesStub = deliveries::v1::DeliveriesService::Stub;
using IncidentsStub = incidents::v1::IncidentsService::Stub;

// What the supplier was asked for by that incident; an empty one where it was not.
SupplierTask TaskOf(const Incident& incident, base::v1::SupplierTaskKind kind) {
  for (const SupplierTask& task : incident.supplier_tasks()) {
    if (task.kind() == kind) return task;
  }
  return {};
}

void AskToExpedite(Tour& tour) {
  tour.Chapter("20 September: T-3013 should have left on the 18th");
  tour.MoveTo("2026-09-20T17:59+08:00");
  tour.Promise(tour.EventCount("T-3013", events::v1::Event::kIncidentOpened) == 0,
               "a minute before 48 hours have passed nobody is asked");
  tour.MoveTo("2026-09-20T18:00+08:00");
  const Incident late = LastIncident(tour, "T-3013");
  tour.Promise(
      late.kind() == base::v1::INCIDENT_KIND_OVERDUE &&
          IsAt(TaskOf(late, base::v1::SUPPLIER_TASK_KIND_EXPEDITE).ask_time(), "2026-09-20T18:00+08:00"),
      "after 48 hours it is overdue, and the supplier is asked to expedite it (AVL-07)");
  tour.Promise(tour.NoticeCount("T-3013", "incident_expedite", base::v1::CHANNEL_CHAT) == 1 &&
                   tour.Order("T-3013").holds().empty(),
               "by one message; the order may leave at any moment");
}

// AVL-08: what was asked for outlives the order.
void AnswerReorders(Tour& tour) {
  incidents::v1::ListIncidentsRequest list;
  list.set_order_id("T-3013");
  Client& client = tour.client();
  const auto page = client.Call(Operations(), *client.incidents, &IncidentsStub::ListIncidents, list);
  if (!page.ok()) return tour.Accepted(page.status(), "incidents are listed");
  const base::v1::Actor merchant = ManagerOf(tour.Order("T-3013"));
  absl::Status answered;
  for (const Incident& incident : page->incidents()) {
    const SupplierTask reorder = TaskOf(incident, base::v1::SUPPLIER_TASK_KIND_REORDER);
    if (!reorder.has_ask_time() || reorder.has_answer_time()) continue;
    auto request = tour.New<incidents::v1::AnswerSupplierTaskRequest>();
    request.set_incident_id(incident.incident_id());
    request.set_task(reorder.kind());
    request.set_answer(base::v1::SUPPLIER_ANSWER_WILL_DO);
    answered.Update(
        client.Call(merchant, *client.incidents, &IncidentsStub::AnswerSupplierTask, request).status());
  }
  tour.Accepted(answered, "another supplier will send the same: the shop says so (AVL-05)");
  tour.Settle();
}

void RefundInSilence(Tour& tour) {
  tour.Chapter("22 September: T-3013's supplier is silent");
  tour.MoveTo("2026-09-22T18:00+08:00");
  const Incident none = LastIncident(tour, "T-3013");
  tour.Promise(none.kind() == base::v1::INCIDENT_KIND_NO_STOCK &&
                   IsOffered(none, base::v1::INCIDENT_OPTION_CANCEL_ORDER) &&
                   tour.NoticeCount("T-3013", "incident_opened", base::v1::CHANNEL_EMAIL) == 1,
               "after 96 hours it counts as out of stock, and the customer may cancel it (AVL-07)");
  tour.Promise(TaskOf(none, base::v1::SUPPLIER_TASK_KIND_REORDER).has_ask_time(),
               "the supplier is asked to reorder it (AVL-05)");
  tour.Promise(tour.Refunds("T-3013").empty(), "no refund: there are 72 hours for an answer");
  tour.MoveTo("2026-09-23T18:00+08:00");
  tour.Promise(tour.Order("T-3013").state() == Order::STATE_CANCELLED,
               "72 hours after it was asked to expedite it has said nothing: T-3013 is CANCELLED (AVL-08)");
  tour.Promise(GoesBack(tour, "T-3013", 12900), "129.00 CNY go back to the customer");
  tour.PayRefunds("T-3013");
  AnswerReorders(tour);
  tour.Promise(WorkCount(tour, base::v1::WORK_KIND_ANSWER_SUPPLIER_TASK) == 0, "no supplier is waited for");
  tour.Story("T-3013");
}

Interception Intercept(Tour& tour, const std::string& order_id) {
  deliveries::v1::RequestInterceptionRequest request;
  request.set_reason(deliveries::v1::INTERCEPTION_REASON_CANCEL);
  const auto delivery =
      Tell(tour, CustomerOf(tour.Order(order_id)), &DeliveriesStub::RequestInterception, order_id, request);
  if (!delivery.ok()) tour.Accepted(delivery.status(), absl::StrCat("calling back ", order_id, " is asked"));
  return delivery.ok() ? delivery->interception() : Interception();
}

void ToyOrder(Tour& tour, const std::string& order_id, base::v1::AddressZone zone) {
  orders::v1::NewOrder order =
      NewOrderOf(order_id, "tmall", "t-300", "KITE", 1, MakeAmount(8800, "CNY"), 1300);
  order.set_language("zh");
  order.set_zone(zone);
  order.set_address_verified(true);
  TakeIn(tour, order);
  Dispatch(tour, order_id);
}

void CallBackFromCarrier(Tour& tour) {
  tour.Chapter("24 September: two customers do not want their kites any more, after they have left");
  tour.MoveTo("2026-09-24T09:00+08:00");
  ToyOrder(tour, "T-3014", base::v1::ADDRESS_ZONE_INTERNATIONAL);
  ToyOrder(tour, "T-3015", base::v1::ADDRESS_ZONE_NATIONAL);
  tour.Promise(Intercept(tour, "T-3014").state() == Interception::STATE_REFUSED &&
                   tour.Order("T-3014").state() == Order::STATE_SHIPPED,
               "T-3014 goes abroad: the interception is REFUSED at once, and on record (DLV-08)");
  tour.Promise(tour.NoticeCount("T-3014", "delivery_interception_refused", base::v1::CHANNEL_EMAIL) == 1,
               "its customer is told");
  tour.Promise(Intercept(tour, "T-3015").state() == Interception::STATE_ASKED,
               "T-3015 stays in the country: its carrier is asked");
  deliveries::v1::RecordInterceptionRequest answer;
  answer.set_answer(deliveries::v1::INTERCEPTION_ANSWER_GIVEN_BACK);
  const base::v1::Actor merchant = EmployeeOf(tour.Order("T-3015"));
  tour.Accepted(Tell(tour, merchant, &DeliveriesStub::RecordInterception, "T-3015", answer).status(),
                "the carrier gives it back");
  tour.Promise(tour.Refunds("T-3015").empty(), "no refund while it is on its way back");
  tour.MoveTo("2026-09-24T17:00+08:00");
  tour.Accepted(Tell(tour, merchant, &DeliveriesStub::RecordParcelBack, "T-3015").status(),
                "it is back at the shop");
  tour.Promise(tour.Order("T-3015").state() == Order::STATE_RETURNED && GoesBack(tour, "T-3015", 8800),
               "T-3015 is RETURNED, and 88.00 CNY go back (DLV-08)");
  tour.PayRefunds("T-3015");
  tour.MoveTo("2026-09-25T09:00+08:00");
  Deliver(tour, "T-3014");
  tour.Settle();
  tour.Story("T-3014");
  tour.Story("T-3015");
}

}  // namespace

void PlayOverdue(Tour& tour) {
  AskToExpedite(tour);
  RefundInSilence(tour);
  CallBackFromCarrier(tour);
}

}  // namespace makegood::ctl
