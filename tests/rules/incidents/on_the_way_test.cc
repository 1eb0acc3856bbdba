// Trouble with goods that have left: what the customer may choose, and what becomes of it (DLV-03, DLV-04,
// DLV-06); and what people say of incidents (CLM-11, CLM-12, PAY-05).
#include "common/rules/incidents/closing_rules.h"
#include "common/rules/orders/order_rules.h"
#include "common/rules/orders/order_steps.h"
#include "tests/rules/incidents/incident_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {
namespace {

using incidents::v1::CloseIncidentRequest;
using incidents::v1::EscalateIncidentRequest;

class OnTheWay : public Incidents {
 protected:
  static constexpr IncidentOption kAgain = base::v1::INCIDENT_OPTION_REDELIVER;
  static constexpr IncidentOption kAnother = base::v1::INCIDENT_OPTION_ANOTHER_RECIPIENT;
  static constexpr IncidentOption kRefund = base::v1::INCIDENT_OPTION_REFUND_LESS_FEE;

  // It has left, and comes back for that reason.
  Incident ComesBack(IncidentKind kind) {
    OrderOn("flowwow");
    EXPECT_THAT(Send(), IsOk());
    Follow();
    const auto call_back = [kind](const std::string& id, Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
      order.set_whereabouts(Order::WHEREABOUTS_RETURNING);
      RETURN_IF_ERROR(OpenIncident({kind, base::v1::INCIDENT_SOURCE_DELIVERY}, order, tx).status());
      tx.Put(order);
      return absl::OkStatus();
    };
    EXPECT_THAT(desk_.As(Courier()).Decide(call_back, std::string("o-1")), IsOk());
    return TheIncident();
  }

  absl::Status IsBack() {
    const auto back = [](const std::string& id, Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
      order.set_whereabouts(Order::WHEREABOUTS_AT_STORE);
      RETURN_IF_ERROR(GoodsBackAtStore(order, tx));
      tx.Put(order);
      return absl::OkStatus();
    };
    const absl::Status status = desk_.As(Employee()).Decide(back, std::string("o-1"));
    Follow();
    return status;
  }

  ChooseOptionRequest ToSomebodyElse() const {
    ChooseOptionRequest request = ChoiceOf(kAnother);
    request.mutable_recipient()->set_name("Somebody Else");
    request.mutable_recipient()->add_address_lines("Gul Sok. 3");
    return request;
  }

  ChooseOptionRequest ToSomebodyFarther() const {
    ChooseOptionRequest request = ToSomebodyElse();
    request.set_zone(base::v1::ADDRESS_ZONE_NATIONAL);
    return request;
  }

  // What payments tell of the surcharge that a change of the address is the cause of.
  absl::Status SurchargeEnds(base::v1::SurchargeState state, const std::string& change_id) {
    Event event = OrderEvent(TheOrder(), {desk_.now()});
    events::v1::SurchargeMoved& moved = *event.mutable_surcharge_moved();
    moved.set_kind(base::v1::SURCHARGE_KIND_FARTHER_ADDRESS);
    moved.set_state(state);
    moved.set_cause_id(change_id);
    *moved.mutable_amount() = TheOrder().address_change().difference();
    const auto hear = [](const Event& heard, Transaction& tx) -> absl::Status {
      RETURN_IF_ERROR(ReactToPayment(heard, tx));
      return FollowPayment(heard, tx);
    };
    const absl::Status status = desk_.As(Service()).Decide(hear, event);
    Follow();
    return status;
  }

  // A payment went where it may not.
  void Astray() {
    OrderOn("flowwow");
    Event event = OrderEvent(TheOrder(), {desk_.now()});
    event.mutable_compliance_incident_raised()->set_payment_id("pay-1");
    EXPECT_THAT(desk_.As(Service()).Decide(FollowPayment, event), IsOk());
  }

  absl::StatusOr<Incident> Close(base::v1::RootCause cause, absl::string_view note = "",
                                 const base::v1::Actor& actor = Operations()) {
    CloseIncidentRequest request;
    request.set_incident_id(TheIncident().incident_id());
    request.set_root_cause(cause);
    request.set_note(std::string(note));
    return desk_.As(actor).Decide(CloseIncident, request);
  }

  absl::StatusOr<Incident> Escalate(bool is_public, const base::v1::Actor& actor = Customer()) {
    EscalateIncidentRequest request;
    request.set_incident_id(TheIncident().incident_id());
    request.set_public_(is_public);
    return desk_.As(actor).Decide(EscalateIncident, request);
  }

  std::vector<std::string> Waiting() {
    EXPECT_EQ(testing::WorkTold(desk_.events()), (testing::WorkOn<Order, Incident>(desk_)));
    return testing::InShort(RecordTraits<Incident>::Waiting(TheIncident()));
  }
};

TEST_F(OnTheWay, DLV_06_AfterARefusalTheCustomerNamesSomebodyElseOrGetsThePriceWithoutTheFee) {
  const Incident incident = ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  EXPECT_THAT(OptionsOf(incident), ElementsAre("another_recipient", "refund_less_fee 4000"));
  EXPECT_THAT(Holds(), ElementsAre(absl::StrCat("under_incident ", incident.incident_id())));
  EXPECT_THAT(Waiting(),
              ElementsAre(HasSubstr("operations see_to_incident"), HasSubstr("customer choose_option by")));
  const Event opened = Last(&Event::has_incident_opened);
  EXPECT_TRUE(opened.incident_opened().offers_another_recipient());
  EXPECT_TRUE(opened.incident_opened().offers_refund_less_fee());
  EXPECT_FALSE(opened.incident_opened().offers_redelivery());
}

TEST_F(OnTheWay, DLV_06_RFD_04_ThePriceGoesBackWhenTheGoodsAreBack) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ASSERT_THAT(Choose(kRefund), IsOk());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_RETURN);
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED);
  EXPECT_THAT(Holds(), SizeIs(1)) << "no courier takes it out again";
  EXPECT_THAT(Waiting(), IsEmpty());
  ASSERT_THAT(IsBack(), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_RETURNED);
  EXPECT_EQ(Word(TheOrder().return_cause()), "refused");
  EXPECT_EQ(Word(TheIncident().outcome()), "returned");
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_TRUE(desk_.events().back().has_order_returned()) << "what gives money back is told last";
}

TEST_F(OnTheWay, DLV_06_RFD_04_ThePriceGoesBackAtOnceWhereTheGoodsAreBackAlready) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ASSERT_THAT(IsBack(), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_SHIPPED) << "nobody has chosen";
  ASSERT_THAT(Choose(kRefund, Operations()), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_RETURNED);
  EXPECT_THAT(desk_.Events(&Event::has_order_returned), SizeIs(1));
  Follow();
  EXPECT_THAT(Open(), IsEmpty());
}

TEST_F(OnTheWay, DLV_03_DLV_04_ORD_10_OnlyWhatWasRefusedIsCalledRefused) {
  const std::pair<IncidentKind, std::string> causes[] = {
      {base::v1::INCIDENT_KIND_REFUSED, "refused"},
      {base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE, "undelivered"},
      {base::v1::INCIDENT_KIND_NOBODY_THERE, "undelivered"},
      {base::v1::INCIDENT_KIND_WRONG_ADDRESS, "undelivered"}};
  for (const auto& [kind, cause] : causes) {
    ComesBack(kind);
    ASSERT_THAT(Choose(kRefund), IsOk());
    ASSERT_THAT(IsBack(), IsOk());
    EXPECT_EQ(Word(TheOrder().return_cause()), cause) << Word(kind);
    EXPECT_EQ(Word(Last(&Event::has_order_returned).order_returned().cause()), cause);
  }
}

TEST_F(OnTheWay, DLV_06_AnotherRecipientIsAContactOfTheirOwn) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  const std::string before = TheOrder().recipient_contact_id();
  EXPECT_THAT(Choose(kAnother), NamesField("recipient"));
  ChooseOptionRequest told_in_vain = ToSomebodyElse();
  told_in_vain.set_option(kRefund);
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, told_in_vain), NamesField("recipient"));
  ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyElse()), IsOk());
  EXPECT_NE(TheOrder().recipient_contact_id(), before);
  EXPECT_EQ(desk_.Find<Contact>(TheOrder().recipient_contact_id())->details().name(), "Somebody Else");
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_DISPATCH);
  EXPECT_THAT(Holds(), IsEmpty()) << "it may go out again";
  EXPECT_THAT(Choose(kRefund), IsOk()) << "until it does, it may be chosen otherwise";
}

TEST_F(OnTheWay, DLV_03_DLV_04_ItMayBeBroughtAgain) {
  for (const IncidentKind kind :
       {base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE, base::v1::INCIDENT_KIND_NOBODY_THERE}) {
    ComesBack(kind);
    ASSERT_THAT(Choose(kAgain), IsOk()) << Word(kind);
    EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_DISPATCH);
    EXPECT_THAT(Holds(), IsEmpty());
    const auto sent = [kind](const std::string& id, Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
      RETURN_IF_ERROR(CloseIncidentOf(kind, base::v1::INCIDENT_OUTCOME_SENT_AGAIN, order, tx));
      tx.Put(order);
      return absl::OkStatus();
    };
    ASSERT_THAT(desk_.As(Employee()).Decide(sent, std::string("o-1")), IsOk());
    EXPECT_EQ(Word(TheIncident().outcome()), "sent_again");
    ASSERT_THAT(desk_.Decide(sent, std::string("o-1")), IsOk()) << "nothing is there any more";
  }
}

TEST_F(OnTheWay, DLV_03_WhereGoingAgainIsNotPaidForTheCustomerChoosesAnew) {
  for (const base::v1::SurchargeState state :
       {base::v1::SURCHARGE_STATE_DECLINED, base::v1::SURCHARGE_STATE_EXPIRED}) {
    ComesBack(base::v1::INCIDENT_KIND_RECIPIENT_ELSEWHERE);
    ASSERT_THAT(IsBack(), IsOk());
    ASSERT_THAT(Choose(kAgain), IsOk());
    ASSERT_THAT(Holds(), IsEmpty());
    Event moved = OrderEvent(TheOrder(), {desk_.now()});
    moved.mutable_surcharge_moved()->set_kind(base::v1::SURCHARGE_KIND_REDELIVERY);
    moved.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_ISSUED);
    ASSERT_THAT(desk_.As(Service()).Decide(FollowPayment, moved), IsOk());
    EXPECT_THAT(Holds(), IsEmpty()) << "it waits for its surcharge alone";
    moved.mutable_surcharge_moved()->set_state(state);
    for (int times = 0; times < 2; ++times) {
      ASSERT_THAT(desk_.As(Service()).Decide(FollowPayment, moved), IsOk());
    }
    EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN);
    EXPECT_THAT(Holds(), SizeIs(1)) << "it stays";
    EXPECT_THAT(desk_.Events(&Event::has_incident_opened), SizeIs(2)) << "asked once more";
    EXPECT_THAT(Choose(kRefund), IsOk());
    EXPECT_EQ(TheOrder().state(), Order::STATE_RETURNED);
  }
}

TEST_F(OnTheWay, DLV_03_PAY_02_GoingAgainIsNotFreeBecauseItWasDeclined) {
  const auto moves = [this](base::v1::SurchargeState state) {
    Event moved = OrderEvent(TheOrder(), {desk_.now()});
    moved.mutable_surcharge_moved()->set_kind(base::v1::SURCHARGE_KIND_REDELIVERY);
    moved.mutable_surcharge_moved()->set_state(state);
    ASSERT_THAT(desk_.As(Service()).Decide(FollowPayment, moved), IsOk());
  };
  for (const bool chosen_before : {true, false}) {
    ComesBack(base::v1::INCIDENT_KIND_NOBODY_THERE);
    ASSERT_THAT(IsBack(), IsOk());
    if (chosen_before) {
      ASSERT_THAT(Choose(kAgain), IsOk());
    }
    moves(base::v1::SURCHARGE_STATE_DECLINED);
    EXPECT_THAT(Choose(kAgain), RefusedBy("AVL-03"));
    EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyElse()), RefusedBy("AVL-03"))
        << "nor by way of somebody else";
    const Event told = Last(&Event::has_incident_opened);
    EXPECT_FALSE(told.incident_opened().offers_redelivery());
    EXPECT_FALSE(told.incident_opened().offers_another_recipient());
    EXPECT_TRUE(told.incident_opened().offers_refund_less_fee());
    EXPECT_THAT(Holds(), SizeIs(1));
    moves(base::v1::SURCHARGE_STATE_PAID);
    EXPECT_TRUE(Last(&Event::has_incident_opened).incident_opened().offers_redelivery());
    ASSERT_THAT(Choose(kAgain), IsOk()) << "paid for after all";
    EXPECT_THAT(Holds(), IsEmpty());
  }
}

TEST_F(OnTheWay, DLV_08_WhatCouldNotBeHeldOnItsWayIsHeldOnceItIsBack) {
  OrderOn("flowwow");
  ASSERT_THAT(Send(), IsOk());
  Follow();
  const auto open = [](const std::string& id, Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
    return OpenIncident({base::v1::INCIDENT_KIND_WRONG_ADDRESS, base::v1::INCIDENT_SOURCE_DELIVERY}, order,
                        tx)
        .status();
  };
  ASSERT_THAT(desk_.As(Customer()).Decide(open, std::string("o-1")), IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
  ASSERT_THAT(IsBack(), IsOk());
  EXPECT_THAT(Holds(), SizeIs(1));
  ASSERT_THAT(Choose(kAgain), IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(OnTheWay, DLV_01_DLV_09_AnotherRecipientIsNoWayRoundAChangeOfTheAddress) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ChooseOptionRequest abroad = ToSomebodyElse();
  abroad.mutable_recipient()->set_country("DE");
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, abroad), RefusedBy("DLV-09"));
  const auto wait = [](const std::string& id, Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
    order.mutable_address_change()->set_change_id("address-1");
    tx.Put(order);
    return absl::OkStatus();
  };
  ASSERT_THAT(desk_.As(Service()).Decide(wait, std::string("o-1")), IsOk());
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyElse()), RefusedBy("DLV-01"));
}

TEST_F(OnTheWay, DLV_06_PAY_01_ADearerWayToAnotherRecipientIsPaidForFirst) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ASSERT_THAT(IsBack(), IsOk());
  const std::string before = TheOrder().recipient_contact_id();
  ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyFarther()), IsOk());
  const orders::v1::AddressChange change = TheOrder().address_change();
  EXPECT_EQ(change.difference().amount_minor(), 27'000 - TheOrder().delivery_fee().amount_minor());
  EXPECT_EQ(TheIncident().address_change_id(), change.change_id());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_DISPATCH);
  EXPECT_THAT(Holds(), ElementsAre(absl::StrCat("address_unconfirmed ", change.change_id())));
  EXPECT_EQ(TheOrder().recipient_contact_id(), before) << "until it is paid for";
  EXPECT_EQ(Last(&Event::has_address_change_asked).address_change_asked().difference().amount_minor(),
            change.difference().amount_minor());
  ASSERT_THAT(SurchargeEnds(base::v1::SURCHARGE_STATE_PAID, change.change_id()), IsOk());
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(desk_.Find<Contact>(TheOrder().recipient_contact_id())->details().name(), "Somebody Else");
  EXPECT_EQ(TheOrder().address().zone(), base::v1::ADDRESS_ZONE_NATIONAL);
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_DISPATCH);
}

TEST_F(OnTheWay, DLV_06_PAY_02_WhereThatIsNotPaidForTheCustomerChoosesAnew) {
  for (const auto state : {base::v1::SURCHARGE_STATE_DECLINED, base::v1::SURCHARGE_STATE_EXPIRED,
                           base::v1::SURCHARGE_STATE_VOIDED}) {
    ComesBack(base::v1::INCIDENT_KIND_REFUSED);
    ASSERT_THAT(IsBack(), IsOk());
    const std::string before = TheOrder().recipient_contact_id();
    ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyFarther()), IsOk());
    ASSERT_THAT(SurchargeEnds(state, TheOrder().address_change().change_id()), IsOk());
    EXPECT_EQ(TheIncident().state(), Incident::STATE_OPEN) << "whom it went to does not take it";
    EXPECT_THAT(Holds(), ElementsAre(absl::StrCat("under_incident ", TheIncident().incident_id())));
    EXPECT_EQ(TheOrder().recipient_contact_id(), before);
    EXPECT_FALSE(TheOrder().has_address_change());
    EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyElse()), IsOk()) << "somebody nearer";
  }
}

TEST_F(OnTheWay, DLV_06_DLV_01_WhatAnotherChangeCostsReopensNoChoice) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, ToSomebodyElse()), IsOk());
  ASSERT_THAT(SurchargeEnds(base::v1::SURCHARGE_STATE_DECLINED, "address-other"), IsOk());
  ASSERT_THAT(SurchargeEnds(base::v1::SURCHARGE_STATE_DECLINED, ""), IsOk());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_DISPATCH);
}

TEST_F(OnTheWay, DLV_06_DLV_01_ANearerOneCostsLessAndTheFeeIsNamedByOperations) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ChooseOptionRequest nearer = ToSomebodyElse();
  nearer.mutable_delivery_fee()->set_currency(TheOrder().total().currency());
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, nearer), DeniedBy("DLV-01"));
  nearer.set_customer_word("call-1");
  ASSERT_THAT(desk_.As(Operations()).Decide(ChooseOption, nearer), IsOk());
  EXPECT_TRUE(desk_.events().back().has_address_changed()) << "what gives money back is told last";
  EXPECT_TRUE(desk_.events().back().address_changed().has_fee_given_back());
  EXPECT_EQ(TheOrder().delivery_fee().amount_minor(), 0);
  ChooseOptionRequest in_vain = ChoiceOf(kRefund);
  in_vain.set_zone(base::v1::ADDRESS_ZONE_CITY);
  EXPECT_THAT(desk_.As(Customer()).Decide(ChooseOption, in_vain), NamesField("zone"));
}

TEST_F(OnTheWay, DLV_06_DLV_09_AbroadItIsLookedAtFirst) {
  ComesBack(base::v1::INCIDENT_KIND_REFUSED);
  ChooseOptionRequest abroad = ToSomebodyElse();
  abroad.mutable_recipient()->set_country("DE");
  abroad.set_zone(base::v1::ADDRESS_ZONE_INTERNATIONAL);
  ASSERT_THAT(desk_.As(Customer()).Decide(ChooseOption, abroad), IsOk());
  EXPECT_EQ(TheOrder().address().state(), orders::v1::DeliveryAddress::STATE_UNVERIFIED);
  EXPECT_THAT(Holds(), ElementsAre("address_unconfirmed address"));
}

TEST_F(OnTheWay, DLV_04_WhereNobodyChoosesOperationsSeeToIt) {
  ComesBack(base::v1::INCIDENT_KIND_NOBODY_THERE);
  RunTimersUntil(desk_.now() + absl::Hours(2));
  EXPECT_TRUE(TheIncident().overdue());
  EXPECT_THAT(desk_.Events(&Event::has_incident_overdue), SizeIs(1));
  EXPECT_THAT(Choose(kRefund, Operations()), IsOk());
}

TEST_F(OnTheWay, ORD_11_WhatIsDeliveredAfterAllEndsIt) {
  ComesBack(base::v1::INCIDENT_KIND_NOBODY_THERE);
  auto request = About<orders::v1::RecordDeliveryRequest>("o-1");
  *request.mutable_delivered_time() = ToTimestamp(desk_.now());
  const auto deliver = [](const std::string& id, Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(Order order, tx.Get<Order>(id));
    order.clear_whereabouts();  // handed over on its way back (DLV-03)
    RETURN_IF_ERROR(DeliverStep(order, tx.now(), {tx.now()}, tx));
    tx.Put(order);
    return absl::OkStatus();
  };
  ASSERT_THAT(desk_.As(Courier()).Decide(deliver, std::string("o-1")), IsOk());
  EXPECT_THAT(Choose(kRefund), RefusedBy("AVL-03")) << "before its event was followed";
  Follow();
  EXPECT_EQ(Word(TheIncident().outcome()), "delivered");
  EXPECT_THAT(desk_.tasks(), IsEmpty());
}

TEST_F(OnTheWay, PAY_05_MoneyThatWentAstrayIsAnIncidentOfOperations) {
  Astray();
  const Incident incident = TheIncident();
  EXPECT_EQ(Word(incident.kind()), "paid_elsewhere");
  EXPECT_EQ(Word(incident.source()), "payment");
  EXPECT_THAT(Holds(), IsEmpty()) << "the goods are not concerned";
  EXPECT_THAT(Waiting(), ElementsAre("operations close_incident"));
  Event again = OrderEvent(TheOrder(), {desk_.now()});
  again.mutable_compliance_incident_raised()->set_payment_id("pay-2");
  ASSERT_THAT(desk_.As(Service()).Decide(FollowPayment, again), IsOk());
  EXPECT_THAT(Open(), ElementsAre("paid_elsewhere")) << "of one cause there is one";
  EXPECT_THAT(TheIncident().log(), SizeIs(2));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Open(), ElementsAre("paid_elsewhere")) << "no pick puts that right";
  ASSERT_THAT(Send(), IsOk());
  Follow();
  EXPECT_THAT(Open(), ElementsAre("paid_elsewhere")) << "nor the handover";
  EXPECT_THAT(Close(base::v1::ROOT_CAUSE_OTHER), RefusedBy("CLM-11"));
  EXPECT_THAT(Close(base::v1::ROOT_CAUSE_OTHER, "staff trained", Manager()), Not(IsOk()));
  ASSERT_THAT(Close(base::v1::ROOT_CAUSE_OTHER, "staff trained"), IsOk());
  EXPECT_EQ(Word(TheIncident().outcome()), "seen_to");
  EXPECT_EQ(TheIncident().closed_by().actor_id(), "op-1");
  EXPECT_EQ(Word(Last(&Event::has_incident_closed).incident_closed().root_cause()), "other");
  EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(OnTheWay, CLM_11_ACauseIsPutRightOnceItIsOver) {
  OrderOn("mall");
  Short();
  EXPECT_THAT(Close(base::v1::ROOT_CAUSE_SUPPLIER), RefusedBy("CLM-11"));
  ASSERT_THAT(Choose(kCredit), IsOk());
  EXPECT_EQ(Word(TheIncident().root_cause()), "stock_record") << "as long as nobody says otherwise";
  ASSERT_THAT(Close(base::v1::ROOT_CAUSE_SUPPLIER), IsOk());
  EXPECT_EQ(Word(TheIncident().root_cause()), "supplier");
  EXPECT_EQ(Word(TheIncident().outcome()), "credited") << "its end stays";
  EXPECT_THAT(desk_.Events(&Event::has_incident_closed), SizeIs(1));
  Incident shown = TheIncident();
  FillActions(shown, Customer(), desk_.now(), testing::ShippedPolicies());
  EXPECT_FALSE(shown.has_closed_by());
  EXPECT_THAT(shown.close_note(), IsEmpty());
}

TEST_F(OnTheWay, CLM_12_AnEscalationIsRecordedOnceAndSeenToByOperations) {
  OrderOn("mall");
  ASSERT_THAT(PickWrong(), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre(HasSubstr("merchant pick_again")));
  EXPECT_THAT(Escalate(false, Customer("c-2")), DeniedBy("ROL-06"));
  ASSERT_THAT(Escalate(false), IsOk());
  EXPECT_THAT(Waiting(), ElementsAre(HasSubstr("merchant pick_again"), "operations see_to_incident"));
  ASSERT_THAT(Escalate(false), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_incident_escalated), SizeIs(1));
  ASSERT_THAT(Escalate(true, Operations()), IsOk());
  EXPECT_TRUE(TheIncident().public_());
  EXPECT_THAT(desk_.Events(&Event::has_incident_escalated), SizeIs(2));
  ASSERT_THAT(PickAll(), IsOk());
  EXPECT_THAT(Escalate(true), RefusedBy("CLM-12"));
  EXPECT_THAT(Waiting(), IsEmpty());
}

}  // namespace
}  // namespace makegood::rules
