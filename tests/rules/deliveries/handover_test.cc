// Who takes it at the door (DLV-05).
#include "common/rules/orders/address_rules.h"
#include "tests/rules/deliveries/delivery_fixture.h"

namespace makegood::rules {
namespace {

TEST_F(Deliveries, DLV_05_SYS_07_WithoutConsentItIsRefusedAndThatIsRecorded) {
  ASSERT_THAT(Leave(), IsOk());
  const auto refused = HandTo(base::v1::TAKER_CONCIERGE, "Hasan");
  ASSERT_THAT(refused, IsOk()) << "the report itself is taken";
  EXPECT_EQ(refused->outcome(), HandoverResult::OUTCOME_REFUSED);
  EXPECT_EQ(refused->rule_id(), "DLV-05");
  EXPECT_THAT(refused->reason(), HasSubstr("concierge"));
  EXPECT_EQ(Last(&Event::has_handover_refused).handover_refused().taker(), base::v1::TAKER_CONCIERGE);
  EXPECT_EQ(OrderState(), "shipped with_courier") << "the courier still has it";
  EXPECT_EQ(Count(&Event::has_parcel_handed_over), 0U);
  EXPECT_EQ(desk_.All<Contact>().size(), 2U) << "and nobody's name is kept";
}

TEST_F(Deliveries, DLV_05_SYS_09_WhoTookItIsKeptInAContactAndToldByWhatTheyAre) {
  ASSERT_THAT(Allow(base::v1::TAKER_CONCIERGE), IsOk()) << "beforehand";
  ASSERT_THAT(Leave(), IsOk());
  const auto handed = HandTo(base::v1::TAKER_CONCIERGE, "Hasan");
  ASSERT_THAT(handed, IsOk());
  EXPECT_EQ(handed->outcome(), HandoverResult::OUTCOME_ACCEPTED);
  EXPECT_EQ(OrderState(), "delivered");
  const Event told = Last(&Event::has_parcel_handed_over);
  EXPECT_FALSE(told.parcel_handed_over().deviation());
  const auto contact = desk_.Find<Contact>(told.parcel_handed_over().contact_id());
  ASSERT_TRUE(contact.has_value());
  EXPECT_EQ(contact->details().name(), "Hasan");
  EXPECT_EQ(contact->customer_id(), "c-1001");
  for (const Event& event : desk_.events()) EXPECT_THAT(event.SerializeAsString(), Not(HasSubstr("Hasan")));
  EXPECT_THAT(Now().SerializeAsString(), Not(HasSubstr("Hasan")));
  ASSERT_THAT(desk_.As(Service()).Decide(EraseTaker, "o-1"), IsOk());
  EXPECT_TRUE(desk_.Find<Contact>(contact->contact_id())->details().name().empty());
}

TEST_F(Deliveries, DLV_05_NeighboursStrangersAndTheDoorstepAreDeviationsEvenWithConsent) {
  for (const Taker taker : {base::v1::TAKER_NEIGHBOUR, base::v1::TAKER_STRANGER, base::v1::TAKER_DOORSTEP}) {
    OrderOn("flowwow");
    ASSERT_THAT(Leave(), IsOk());
    const char* const name = taker == base::v1::TAKER_DOORSTEP ? "" : "Ali";
    EXPECT_EQ(HandTo(taker, name)->outcome(), HandoverResult::OUTCOME_REFUSED);
    ASSERT_THAT(Allow(taker), IsOk());
    EXPECT_EQ(HandTo(taker, name)->outcome(), HandoverResult::OUTCOME_ACCEPTED);
    EXPECT_TRUE(Now().handover().deviation());
    EXPECT_TRUE(Last(&Event::has_parcel_handed_over).parcel_handed_over().deviation());
  }
}

TEST_F(Deliveries, DLV_05_ConsentMayComeWithTheHandoverByItsWord) {
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_EQ(HandTo(base::v1::TAKER_GUARD, "Veli", "call-7")->outcome(), HandoverResult::OUTCOME_ACCEPTED);
  EXPECT_EQ(Last(&Event::has_third_person_allowed).third_person_allowed().word(), "call-7");
  EXPECT_EQ(Now().consents(0).customer_word(), "call-7");
  EXPECT_EQ(Now().consents(0).given_by(), base::v1::ROLE_COURIER);
}

TEST_F(Deliveries, DLV_05_ROL_08_CustomerRecipientAndOperationsOnTheirWordAllow) {
  const std::string recipient = TheOrder().recipient_contact_id();
  EXPECT_THAT(Allow(base::v1::TAKER_RELATIVE, testing::MakeActor(base::v1::ROLE_RECIPIENT, recipient)),
              IsOk());
  EXPECT_THAT(Allow(base::v1::TAKER_GUARD, testing::MakeActor(base::v1::ROLE_RECIPIENT, "con-1")),
              DeniedBy("ROL-08"));
  EXPECT_THAT(Allow(base::v1::TAKER_GUARD, Customer("c-2")), DeniedBy("ROL-08"));
  EXPECT_THAT(Allow(base::v1::TAKER_GUARD, Courier()), DeniedBy("ROL-08"));
  ASSERT_THAT(Allow(base::v1::TAKER_GUARD, Operations()), IsOk());
  EXPECT_EQ(Last(&Event::has_third_person_allowed).third_person_allowed().word(), "call-1");
  auto request = About<deliveries::v1::AllowThirdPersonRequest>("o-1");
  request.add_takers(base::v1::TAKER_CONCIERGE);
  EXPECT_THAT(desk_.As(Operations()).Decide(AllowThirdPerson, request), NamesField("customer_word"));
  const size_t before = Count(&Event::has_third_person_allowed);
  ASSERT_THAT(Allow(base::v1::TAKER_GUARD), IsOk());
  EXPECT_EQ(Count(&Event::has_third_person_allowed), before) << "allowed is allowed";
  EXPECT_THAT(Allow(base::v1::TAKER_RECIPIENT), NamesField("takers"));
  ASSERT_THAT(Leave(), IsOk());
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_THAT(Allow(base::v1::TAKER_STRANGER), RefusedBy("DLV-05"));
}

TEST_F(Deliveries, DLV_05_WhatARecipientAllowedDoesNotHoldForAnother) {
  const auto recipient = [this] {
    return testing::MakeActor(base::v1::ROLE_RECIPIENT, TheOrder().recipient_contact_id());
  };
  const auto goes_to_another = [&](bool allowed_by_sender) {
    OrderOn("flowwow");
    ASSERT_THAT(Allow(base::v1::TAKER_NEIGHBOUR, allowed_by_sender ? Customer() : recipient()), IsOk());
    orders::v1::ChangeAddressRequest elsewhere;
    elsewhere.mutable_details()->set_name("Mehmet");
    elsewhere.mutable_details()->set_city("Bursa");
    ASSERT_THAT(Tell(ChangeAddress, Customer(), elsewhere), IsOk());
    ASSERT_THAT(Leave(), IsOk());
  };
  goes_to_another(false);
  const auto refused = HandTo(base::v1::TAKER_NEIGHBOUR, "A Neighbour");
  ASSERT_THAT(refused, IsOk());
  EXPECT_EQ(refused->outcome(), HandoverResult::OUTCOME_REFUSED);
  ASSERT_THAT(Allow(base::v1::TAKER_NEIGHBOUR, recipient()), IsOk()) << "who gets it now allows it anew";
  EXPECT_EQ(HandTo(base::v1::TAKER_NEIGHBOUR, "A Neighbour")->outcome(), HandoverResult::OUTCOME_ACCEPTED);
  goes_to_another(true);
  EXPECT_EQ(HandTo(base::v1::TAKER_NEIGHBOUR, "A Neighbour")->outcome(), HandoverResult::OUTCOME_ACCEPTED)
      << "the sender's word is for whoever gets it";
}

TEST_F(Deliveries, DLV_05_NamesAreToldOfThoseWhoHaveOne) {
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_THAT(HandTo(base::v1::TAKER_CONCIERGE), NamesField("taker_name"));
  EXPECT_THAT(HandTo(base::v1::TAKER_DOORSTEP, "Ali"), NamesField("taker_name"));
  EXPECT_THAT(HandTo(base::v1::TAKER_RECIPIENT, "Ayşe"), NamesField("taker_name"));
  EXPECT_THAT(HandTo(base::v1::TAKER_RECIPIENT, "", "call-1"), NamesField("consent_word"));
}

// What had been called delivered (ORD-07).
TEST_F(Deliveries, ORD_07_WhatHasNotArrivedIsSentAndTheOrderStaysDelivered) {
  ASSERT_THAT(Send(), IsOk());
  AtTime("12:00");
  ASSERT_THAT(Report(), IsOk());
  const std::string delivered = TheOrder().delivered_time().ShortDebugString();
  AtTime("13:00");
  ASSERT_THAT(Tell(ReportNotArrived, Customer()), IsOk());
  EXPECT_EQ(State(), "not_arrived");
  EXPECT_THAT(Trouble(), ElementsAre("not_arrived"));
  EXPECT_THAT(Work(), ElementsAre("merchant dispatch_again"));
  ASSERT_THAT(Tell(ReportNotArrived, Manager()), IsOk());
  EXPECT_EQ(Count(&Event::has_not_arrived_reported), 1U) << "two reports are one";
  EXPECT_THAT(Allowed(Employee()), UnorderedElementsAre("Dispatch", "RecordLateArrival"));
  ASSERT_THAT(Leave(), IsOk());
  EXPECT_TRUE(Last(&Event::has_courier_dispatched).courier_dispatched().late_arrival());
  EXPECT_THAT(Work(), IsEmpty());
  AtTime("14:00");
  ASSERT_THAT(Arrive(), IsOk());
  AtTime("14:15");
  EXPECT_EQ(State(), "returning");
  EXPECT_THAT(Trouble(), ElementsAre("not_arrived")) << "the same trouble as before";
  EXPECT_FALSE(Last(&Event::has_courier_called_back).courier_called_back().asked()) << "it goes out again";
  ASSERT_THAT(Back(), IsOk());
  EXPECT_EQ(State(), "not_arrived");
  ASSERT_THAT(Leave(), IsOk());
  AtTime("16:00");
  ASSERT_THAT(HandTo(base::v1::TAKER_RECIPIENT), IsOk());
  EXPECT_EQ(State(), "handed_over");
  EXPECT_EQ(ToTime(Last(&Event::has_arrival_recorded).arrival_recorded().arrived_time()),
            At("2026-09-02T16:00+03:00"));
  EXPECT_THAT(Ended(), ElementsAre("not_arrived delivered"));
  EXPECT_EQ(OrderState(), "delivered");
  EXPECT_EQ(TheOrder().delivered_time().ShortDebugString(), delivered);
  EXPECT_EQ(Count(&Event::has_order_delivered), 1U);
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07"));
}

TEST_F(Deliveries, ORD_07_ItMayTurnUpByItself) {
  ASSERT_THAT(Send(), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07")) << "nobody says that it has";
  ASSERT_THAT(Report(), IsOk());
  EXPECT_THAT(Tell(RecordLateArrival, Customer()), RefusedBy("ORD-07"));
  ASSERT_THAT(Tell(ReportNotArrived, Operations()), IsOk());
  deliveries::v1::RecordLateArrivalRequest request;
  *request.mutable_arrived_time() = ToTimestamp(desk_.now() + absl::Minutes(1));
  EXPECT_THAT(Tell(RecordLateArrival, Customer(), request), RefusedBy("ORD-07"));
  ASSERT_THAT(Tell(RecordLateArrival, Customer()), IsOk());
  EXPECT_EQ(State(), "handed_over");
  EXPECT_THAT(Ended(), ElementsAre("not_arrived delivered"));
  EXPECT_THAT(Leave(), RefusedBy("ORD-05"));
}

TEST_F(Deliveries, ORD_07_ORD_05_NotBesideACorrection) {
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(Report(), IsOk());
  ASSERT_THAT(Tell(ReportNotArrived, Customer()), IsOk());
  ASSERT_THAT(Tell(ReportFalseDelivery, Manager(), orders::v1::ReportFalseDeliveryRequest()), IsOk());
  EXPECT_EQ(State(), "closed");
  EXPECT_THAT(Ended(), ElementsAre("not_arrived seen_to"));
  EXPECT_THAT(Tell(ReportNotArrived, Customer()), RefusedBy("ORD-07"));
  EXPECT_THAT(Leave(), RefusedBy("ORD-05"));
}

TEST_F(Deliveries, ORD_07_ROL_06_CustomerStoreAndOperationsReportIt) {
  ASSERT_THAT(Send(), IsOk());
  ASSERT_THAT(Report(), IsOk());
  EXPECT_THAT(Tell(ReportNotArrived, Customer("c-2")), DeniedBy("ROL-06"));
  EXPECT_THAT(Tell(ReportNotArrived, Courier()), DeniedBy("ROL-06"));
  EXPECT_THAT(Tell(ReportNotArrived, Employee()), IsOk());
}

}  // namespace
}  // namespace makegood::rules
