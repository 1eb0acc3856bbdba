// Parcels on their way, as the orders service serves them (DLV-03 to DLV-08, ORD-07).
#include "makegood/deliveries/v1/deliveries_service.grpc.pb.h"
#include "makegood/incidents/v1/incidents_service.grpc.pb.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

using namespace deliveries::v1;  // NOLINT(build/namespaces): every request of the service
using incidents::v1::Incident;
using incidents::v1::IncidentsService;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using Stub = DeliveriesService::Stub;

class DeliveriesTest : public OrdersTest {
 protected:
  // A gift for ₺1,000 and its delivery for ₺120, paid to the courier.
  void CreateGift(const std::string& marketplace = "flowwow",
                  base::v1::AddressZone zone = base::v1::ADDRESS_ZONE_CITY) {
    NewOrder order = SomeOrder("o-1");
    order.set_marketplace(marketplace);
    order.set_currency(marketplace == "flowwow" ? "TRY" : "CNY");
    order.set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    order.mutable_lines(0)->mutable_unit_price()->set_amount_minor(100'000);
    order.mutable_lines(0)->mutable_unit_price()->set_currency(order.currency());
    order.mutable_delivery_fee()->set_amount_minor(12'000);
    order.mutable_delivery_fee()->set_currency(order.currency());
    order.set_zone(zone);
    order.set_address_verified(true);
    ASSERT_THAT(Create(order), IsOk());
    service_.Settle();
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Tell(const Actor& actor,
                             grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                             Request request = {}, absl::string_view request_id = "") {
    request.set_order_id("o-1");
    auto reply = Call(actor, method, request, request_id);
    service_.Settle();
    return reply;
  }

  absl::StatusOr<Delivery> Leave(const std::string& courier = "courier-1") {
    DispatchRequest request;
    request.set_courier_id(courier);
    return Tell(Employee(), &Stub::Dispatch, request);
  }

  absl::StatusOr<HandoverResult> HandTo(base::v1::Taker taker, const std::string& name = "") {
    HandOverParcelRequest request;
    request.set_taker(taker);
    request.set_taker_name(name);
    return Tell(Courier(), &Stub::HandOverParcel, request);
  }

  Delivery Now() {
    const auto delivery = Call(Operations(), &Stub::GetDelivery, About<GetDeliveryRequest>("o-1"));
    EXPECT_THAT(delivery, IsOk());
    return delivery.value_or(Delivery());
  }

  std::vector<Delivery> List(const Actor& actor, const ListDeliveriesRequest& request = {}) {
    const auto page = Call(actor, &Stub::ListDeliveries, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->deliveries().begin(), page->deliveries().end()};
  }

  std::vector<Incident> Incidents() {
    incidents::v1::ListIncidentsRequest request;
    request.set_order_id("o-1");
    const auto page = Call(Operations(), &IncidentsService::Stub::ListIncidents, request);
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->incidents().begin(), page->incidents().end()};
  }

  absl::StatusOr<Incident> Choose(base::v1::IncidentOption option) {
    incidents::v1::ChooseOptionRequest request;
    request.set_incident_id(Incidents().at(0).incident_id());
    request.set_option(option);
    auto chosen = Call(Customer(), &IncidentsService::Stub::ChooseOption, request);
    service_.Settle();
    return chosen;
  }

  // The kinds of work of that turn.
  std::vector<std::string> Work(base::v1::WorkTurn turn) {
    orders::v1::ListWorkRequest request;
    request.add_turns(turn);
    const auto page = Call(Operations(), &orders::v1::WorkService::Stub::ListWork, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> kinds;
    if (!page.ok()) return kinds;
    for (const auto& work : page->work()) kinds.push_back(base::v1::WorkKind_Name(work.item().kind()));
    return kinds;
  }

  static constexpr auto kCouriers = base::v1::WORK_TURN_COURIER;
  static constexpr auto kMerchants = base::v1::WORK_TURN_MERCHANT;

  // What is listed for that reader, by nothing but who they are.
  std::vector<orders::v1::Work> OwnWork(const Actor& actor) {
    const auto page = Call(actor, &orders::v1::WorkService::Stub::ListWork, orders::v1::ListWorkRequest());
    EXPECT_THAT(page, IsOk());
    if (!page.ok()) return {};
    return {page->work().begin(), page->work().end()};
  }
};

TEST_F(DeliveriesTest, DLV_04_SYS_05_ACourierWaitsByATimerAndIsCalledBack) {
  CreateGift();
  service_.MoveTo(At("2026-09-02T13:40+03:00"));
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(List(Courier()), SizeIs(1));
  EXPECT_THAT(List(Courier("courier-2")), IsEmpty());
  ListDeliveriesRequest others;
  others.set_courier_id("courier-1");
  EXPECT_THAT(Call(Courier("courier-2"), &Stub::ListDeliveries, others), DeniedBy("ROL-11"));
  EXPECT_THAT(List(Operations(), others), SizeIs(1));
  service_.MoveTo(At("2026-09-02T14:00+03:00"));
  const auto arrived = Tell(Courier(), &Stub::RecordArrival, RecordArrivalRequest(), "arrival-1");
  ASSERT_THAT(arrived, IsOk());
  EXPECT_EQ(arrived->courier_task(), Delivery::COURIER_TASK_WAIT);
  EXPECT_EQ(rules::ToTime(arrived->wait_until_time()), At("2026-09-02T14:15+03:00"));
  ASSERT_THAT(Tell(Courier(), &Stub::RecordArrival, RecordArrivalRequest(), "arrival-1"), IsOk())
      << "a repetition is one arrival (SYS-02)";
  service_.MoveTo(At("2026-09-02T14:10+03:00"));
  RecordContactRequest coming;
  coming.set_coming(true);
  ASSERT_THAT(Tell(Courier(), &Stub::RecordContact, coming), IsOk());
  service_.MoveTo(At("2026-09-02T14:15+03:00"));
  EXPECT_EQ(Now().state(), Delivery::STATE_AT_THE_DOOR) << "the wait goes on";
  service_.MoveTo(At("2026-09-02T14:30+03:00"));
  EXPECT_EQ(Now().state(), Delivery::STATE_RETURNING);
  EXPECT_THAT(Work(kCouriers), ElementsAre("WORK_KIND_BRING_BACK"));
  const std::vector<orders::v1::Work> own = OwnWork(Courier());
  ASSERT_THAT(own, SizeIs(1)) << "couriers list what is their turn (ROL-11)";
  EXPECT_THAT(own[0].commands(), ElementsAre("RecordParcelBack"));
  EXPECT_THAT(OwnWork(Courier("courier-2")), IsEmpty());
  orders::v1::GetWorkRequest one;
  one.set_work_id(own[0].work_id());
  EXPECT_THAT(Call(Courier(), &orders::v1::WorkService::Stub::GetWork, one), IsOk());
  EXPECT_THAT(Call(Courier("courier-2"), &orders::v1::WorkService::Stub::GetWork, one), DeniedBy("ROL-11"));
  EXPECT_THAT(Incidents(), SizeIs(1));
  EXPECT_EQ(Incidents()[0].kind(), base::v1::INCIDENT_KIND_NOBODY_THERE);
  EXPECT_THAT(Get().holds(), SizeIs(1));
  ASSERT_THAT(Tell(Courier(), &Stub::RecordParcelBack, RecordParcelBackRequest()), IsOk());
  EXPECT_THAT(Work(kCouriers), IsEmpty());
  EXPECT_THAT(OwnWork(Courier()), IsEmpty());
  EXPECT_THAT(List(Courier()), IsEmpty());
  EXPECT_THAT(TextsOf(Timeline(Customer())), ::testing::Contains(HasSubstr("mağazaya geri")));
}

TEST_F(DeliveriesTest, DLV_05_SYS_07_AConciergeWithoutConsentIsRefusedOnRecord) {
  CreateGift();
  ASSERT_THAT(Leave(), IsOk());
  const auto refused = HandTo(base::v1::TAKER_CONCIERGE, "Hasan");
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->outcome(), HandoverResult::OUTCOME_REFUSED);
  EXPECT_EQ(refused->rule_id(), "DLV-05");
  EXPECT_EQ(Get().state(), Order::STATE_SHIPPED);
  EXPECT_THAT(TextsOf(Timeline(Operations())), ::testing::Contains(HasSubstr("allowed it for concierge")));
  EXPECT_THAT(TextsOf(Timeline(Customer())), Not(::testing::Contains(HasSubstr("concierge"))));

  AllowThirdPersonRequest allow;
  allow.add_takers(base::v1::TAKER_CONCIERGE);
  ASSERT_THAT(Tell(Customer(), &Stub::AllowThirdPerson, allow), IsOk());
  const auto taken = HandTo(base::v1::TAKER_CONCIERGE, "Hasan");
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->outcome(), HandoverResult::OUTCOME_ACCEPTED);
  EXPECT_EQ(Get().state(), Order::STATE_DELIVERED);
  EXPECT_FALSE(taken->delivery().handover().deviation());
  const auto contact = Call(Manager(), &ContactsService::Stub::GetContact, [&] {
    orders::v1::GetContactRequest request;
    request.set_contact_id(taken->delivery().handover().contact_id());
    return request;
  }());
  ASSERT_THAT(contact, IsOk());
  EXPECT_EQ(contact->details().name(), "Hasan");
}

TEST_F(DeliveriesTest, DLV_03_PAY_02_ORD_12_RecalledPaidForAndSentAgain) {
  CreateGift();
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(Call(Service(), &OrdersService::Stub::PlaceHold,
                   HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1")),
              RefusedBy("ORD-12"))
      << "what is with a courier is not held";
  ASSERT_THAT(Tell(Manager(), &Stub::RecallCourier, RecallCourierRequest()), IsOk());
  ASSERT_THAT(Call(Service(), &OrdersService::Stub::PlaceHold,
                   HoldFor(base::v1::HOLD_NAME_AWAITING_SURCHARGE, "sur-1")),
              IsOk());
  ASSERT_THAT(Choose(base::v1::INCIDENT_OPTION_REDELIVER), IsOk());
  ASSERT_THAT(Tell(Employee(), &Stub::RecordParcelBack, RecordParcelBackRequest()), IsOk());
  EXPECT_THAT(Work(kMerchants), IsEmpty()) << "it may not go out yet";
  EXPECT_THAT(Leave("courier-2"), RefusedBy("ORD-12"));
  auto paid = About<orders::v1::ReleaseHoldRequest>("o-1");
  paid.set_hold(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  paid.set_reference_id("sur-1");
  ASSERT_THAT(Call(Service(), &OrdersService::Stub::ReleaseHold, paid), IsOk());
  service_.Settle();
  EXPECT_THAT(Work(kMerchants), ElementsAre("WORK_KIND_DISPATCH_AGAIN"));
  DispatchRequest preview;
  preview.set_courier_id("courier-2");
  preview.mutable_command()->set_validate_only(true);
  ASSERT_THAT(Tell(Employee(), &Stub::Dispatch, preview), IsOk());
  EXPECT_EQ(Now().state(), Delivery::STATE_AT_STORE) << "a preview changes nothing (SYS-03)";
  ASSERT_THAT(Leave("courier-2"), IsOk());
  EXPECT_THAT(Work(kMerchants), IsEmpty());
  EXPECT_EQ(Incidents()[0].outcome(), base::v1::INCIDENT_OUTCOME_SENT_AGAIN);
  EXPECT_EQ(Now().attempt_count(), 2);
  EXPECT_EQ(Get().state(), Order::STATE_SHIPPED);
}

TEST_F(DeliveriesTest, DLV_06_ARefusedGiftIsPaidBackLessItsFee) {
  CreateGift();
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(Tell(Courier(), &Stub::RecordRefusal, RecordRefusalRequest()), IsOk());
  const auto chosen = Choose(base::v1::INCIDENT_OPTION_REFUND_LESS_FEE);
  ASSERT_THAT(chosen, IsOk());
  EXPECT_EQ(Get().state(), Order::STATE_SHIPPED);
  ASSERT_THAT(Tell(Employee(), &Stub::RecordParcelBack, RecordParcelBackRequest()), IsOk());
  EXPECT_EQ(Get().state(), Order::STATE_RETURNED);
  EXPECT_EQ(Now().state(), Delivery::STATE_CLOSED);
  EXPECT_THAT(Work(kMerchants), IsEmpty());
}

TEST_F(DeliveriesTest, DLV_08_InterceptionFailsSucceedsOrIsRefusedAbroad) {
  CreateGift("tmall", base::v1::ADDRESS_ZONE_NATIONAL);
  RequestInterceptionRequest cancel;
  cancel.set_reason(INTERCEPTION_REASON_CANCEL);
  EXPECT_THAT(Tell(Customer(), &Stub::RequestInterception, cancel), RefusedBy("DLV-09"));
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  ASSERT_THAT(Tell(Customer(), &Stub::RequestInterception, cancel), IsOk());
  EXPECT_THAT(Work(kMerchants), ElementsAre("WORK_KIND_RECORD_INTERCEPTION"));
  EXPECT_THAT(Tell(Employee(), &Stub::RecordInterception, RecordInterceptionRequest()), NamesField("answer"))
      << "an empty answer is no success";
  EXPECT_THAT(Work(kMerchants), SizeIs(1));
  RecordInterceptionRequest answer;
  answer.set_answer(INTERCEPTION_ANSWER_GIVEN_BACK);
  ASSERT_THAT(Tell(Employee(), &Stub::RecordInterception, answer), IsOk());
  EXPECT_EQ(Get().whereabouts(), Order::WHEREABOUTS_RETURNING);
  ASSERT_THAT(Tell(Employee(), &Stub::RecordParcelBack, RecordParcelBackRequest()), IsOk());
  EXPECT_EQ(Get().state(), Order::STATE_RETURNED);
  EXPECT_EQ(Get().return_cause(), base::v1::RETURN_CAUSE_INTERCEPTED);
  EXPECT_THAT(Work(kMerchants), IsEmpty());
}

TEST_F(DeliveriesTest, DLV_08_AbroadItIsRefusedAtOnceAndOnRecord) {
  CreateGift("tmall", base::v1::ADDRESS_ZONE_INTERNATIONAL);
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  RequestInterceptionRequest cancel;
  cancel.set_reason(INTERCEPTION_REASON_CANCEL);
  const auto refused = Tell(Customer(), &Stub::RequestInterception, cancel);
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->interception().state(), Interception::STATE_REFUSED);
  EXPECT_EQ(Get().state(), Order::STATE_SHIPPED);
  EXPECT_THAT(Incidents(), IsEmpty());
  EXPECT_THAT(TextsOf(Timeline(Operations())), ::testing::Contains(HasSubstr("could not be called back")));
}

TEST_F(DeliveriesTest, ORD_07_CalledDeliveredAndNotThereTheStatusStaysThroughout) {
  CreateGift();
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  ASSERT_THAT(Call(Service(), &OrdersService::Stub::RecordDelivery, DeliveredAt(service_.clock().Now())),
              IsOk());
  service_.Settle();
  ASSERT_THAT(Tell(Customer(), &Stub::ReportNotArrived, ReportNotArrivedRequest()), IsOk());
  ASSERT_THAT(Tell(Operations(), &Stub::ReportNotArrived, ReportNotArrivedRequest()), IsOk());
  EXPECT_THAT(Incidents(), SizeIs(1)) << "two reports are one";
  EXPECT_THAT(Work(kMerchants), ElementsAre("WORK_KIND_DISPATCH_AGAIN"));
  EXPECT_EQ(Get().state(), Order::STATE_DELIVERED);
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_EQ(Get().state(), Order::STATE_DELIVERED);
  EXPECT_THAT(List(Courier()), SizeIs(1));
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(Get().state(), Order::STATE_DELIVERED);
  EXPECT_EQ(Now().state(), Delivery::STATE_HANDED_OVER);
  EXPECT_TRUE(Now().has_arrived_time());
  EXPECT_EQ(Incidents()[0].outcome(), base::v1::INCIDENT_OUTCOME_DELIVERED);
  EXPECT_THAT(Work(kMerchants), IsEmpty());
}

TEST_F(DeliveriesTest, ORD_07_SYS_13_AClaimThatIsHeardOfEndsWhatIsToBeSent) {
  CreateGift();
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, About<HandOverRequest>("o-1")), IsOk());
  ASSERT_THAT(Call(Service(), &OrdersService::Stub::RecordDelivery, DeliveredAt(service_.clock().Now())),
              IsOk());
  service_.Settle();
  ASSERT_THAT(Tell(Customer(), &Stub::ReportNotArrived, ReportNotArrivedRequest()), IsOk());
  events::v1::Event opened;
  opened.set_order_id("o-1");
  opened.set_case_id("clm-1");
  opened.mutable_claim_opened();
  service_.Happens("claims", opened);
  service_.Settle();
  EXPECT_EQ(Now().state(), Delivery::STATE_CLOSED);
  EXPECT_EQ(Incidents()[0].outcome(), base::v1::INCIDENT_OUTCOME_SUPERSEDED);
  EXPECT_THAT(Work(kMerchants), IsEmpty());
  EXPECT_THAT(Tell(Customer(), &Stub::ReportNotArrived, ReportNotArrivedRequest()), RefusedBy("ORD-07"));
}

TEST_F(DeliveriesTest, ROL_11_DLV_03_WhereAParcelIsIsReadByWhoseItIs) {
  CreateGift();
  EXPECT_EQ(Now().state(), Delivery::STATE_NOT_DISPATCHED) << "nothing was told of it yet";
  auto get = About<GetDeliveryRequest>("o-1");
  EXPECT_THAT(Call(Customer("c-2"), &Stub::GetDelivery, get), DeniedBy("ROL-11"));
  EXPECT_THAT(Call(Courier(), &Stub::GetDelivery, get), DeniedBy("ROL-11"));
  HandOverRequest hand_over = About<HandOverRequest>("o-1");
  hand_over.set_courier_id("courier-1");
  ASSERT_THAT(Call(Employee(), &OrdersService::Stub::HandOver, hand_over), IsOk());
  EXPECT_THAT(Call(Courier(), &Stub::GetDelivery, get), IsOk());
  EXPECT_THAT(List(Courier()), SizeIs(1)) << "a handover to a courier is their first way";
  EXPECT_THAT(List(Customer()), SizeIs(1));
  EXPECT_THAT(List(Manager("m-2")), IsEmpty());
  ListDeliveriesRequest by_state;
  by_state.add_states(Delivery::STATE_WITH_COURIER);
  EXPECT_THAT(List(Operations(), by_state), SizeIs(1));
  by_state.set_courier_id("courier-1");
  EXPECT_THAT(List(Operations(), by_state), SizeIs(1));
  get.set_order_id("o-9");
  EXPECT_THAT(Call(Operations(), &Stub::GetDelivery, get), StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace makegood::testing
