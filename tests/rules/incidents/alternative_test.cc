// Something else instead of what cannot be had (AVL-03, AVL-06).
#include "common/rules/incidents/alternative.h"

#include "tests/rules/incidents/incident_fixture.h"

namespace makegood::rules {
namespace {

using incidents::v1::ProposeAlternativeRequest;

class Alternatives : public Incidents {
 protected:
  static constexpr IncidentOption kInstead = base::v1::INCIDENT_OPTION_ALTERNATIVE_PRODUCT;

  absl::StatusOr<Incident> Propose(int quantity, int64_t price, const base::v1::Actor& actor = Employee(),
                                   absl::string_view currency = "EUR") {
    ProposeAlternativeRequest request;
    request.set_incident_id(TheIncident().incident_id());
    request.set_sku("sku-7");
    request.set_quantity(quantity);
    *request.mutable_unit_price() = MakeMoney(price, std::string(currency));
    request.set_vat_basis_points(2100);
    return desk_.As(actor).Decide(ProposeAlternative, request);
  }

  // "l-1 3-1 1000": what there was, what went off, and what one costs.
  std::vector<std::string> Lines() const {
    std::vector<std::string> all;
    const Order order = TheOrder();
    for (const orders::v1::OrderLine& line : order.lines()) {
      all.push_back(absl::StrCat(line.line_id(), " ", line.quantity(), "-", line.taken_off(), " ",
                                 line.unit_price_minor()));
    }
    return all;
  }
};

TEST_F(Alternatives, AVL_03_WhatTheMerchantProposesMayBeChosen) {
  OrderOn("mall");
  Short();
  ASSERT_THAT(OptionsOf(TheIncident()), ElementsAre("credit_missing 1000", "cancel_order 4200"));
  desk_.Advance(absl::Hours(1));
  ASSERT_THAT(Propose(1, 800), IsOk());
  EXPECT_THAT(OptionsOf(TheIncident()),
              ElementsAre("credit_missing 1000", "alternative_product 200", "cancel_order 4200"));
  const events::v1::IncidentOpened told = Last(&Event::has_incident_opened).incident_opened();
  EXPECT_TRUE(told.again());
  EXPECT_TRUE(told.offers_alternative());
  EXPECT_EQ(told.alternative_sku(), "sku-7");
  EXPECT_EQ(told.alternative_price().amount_minor(), 800);
  EXPECT_EQ(ToTime(TheIncident().choice_due_time()), desk_.now() + absl::Hours(48)) << "asked anew";
}

TEST_F(Alternatives, AVL_03_WhatIsMissingGoesOffAndTheOtherGoesOn) {
  OrderOn("mall");
  Short();
  ASSERT_THAT(Propose(1, 800), IsOk());
  ASSERT_THAT(Choose(kInstead), IsOk());
  EXPECT_THAT(Lines(), ElementsAre("l-1 3-1 1000", "l-2 2-0 500", "alternative-3 1-0 800"));
  EXPECT_EQ(TheOrder().total().amount_minor(), 4000);
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_EQ(Word(TheIncident().outcome()), "alternative");
  EXPECT_TRUE(desk_.events().back().has_units_taken_off()) << "what gives money back is told last";
  EXPECT_EQ(desk_.events().back().order_version(), TheOrder().version());
  EXPECT_EQ(Last(&Event::has_order_line_added).order_line_added().total().amount_minor(), 5000);
  Follow();
  ASSERT_THAT(Send(), IsOk());
}

TEST_F(Alternatives, AVL_06_WhatFitsReplacesAllOfIt) {
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  ASSERT_THAT(Propose(2, 1500), IsOk());
  ASSERT_THAT(Choose(kInstead, Operations()), IsOk());
  EXPECT_THAT(Lines(), ElementsAre("l-1 3-3 1000", "l-2 2-2 500", "alternative-3 2-0 1500"));
  EXPECT_EQ(TheOrder().total().amount_minor(), 3200) << "with the fee";
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
}

TEST_F(Alternatives, AVL_03_ItsLineHasAnIdOfItsOwn) {
  NewOrder order = OrderFor("mall");
  order.mutable_lines(1)->set_line_id("alternative-3");
  Create(order);
  RecordPickRequest pick = PickOf({{"l-1", 2}});
  pick.mutable_units(1)->set_line_id("alternative-3");
  pick.mutable_units(1)->set_quantity(2);
  ASSERT_THAT(desk_.As(Employee()).Decide(RecordPick, pick), IsOk());
  ASSERT_THAT(Propose(1, 800), IsOk());
  ASSERT_THAT(Choose(kInstead), IsOk());
  EXPECT_THAT(Lines(), ElementsAre("l-1 3-1 1000", "alternative-3 2-0 500", "alternative-4 1-0 800"));
}

TEST_F(Alternatives, AVL_06_WhatReplacesAllOfItLeavesNothingToBeLookedFor) {
  OrderOn("default");
  Short();
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  ASSERT_THAT(Propose(2, 1500), IsOk());
  ASSERT_THAT(Choose(kInstead), IsOk());
  Follow();
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_THAT(Holds(), IsEmpty());
}

TEST_F(Alternatives, AVL_03_NobodyIsChargedForWhatCouldNotBeHad) {
  OrderOn("mall");
  Short();
  EXPECT_THAT(Propose(1, 1001), RefusedBy("AVL-03"));
  EXPECT_THAT(Propose(2, 501), RefusedBy("AVL-03"));
  EXPECT_THAT(Propose(1, 500, Employee(), "TRY"), NamesField("unit_price.currency"));
  EXPECT_THAT(Propose(1, 500, Employee("m-2")), DeniedBy("ROL-02"));
  ASSERT_THAT(Propose(1, 1000), IsOk());
  EXPECT_THAT(OptionsOf(TheIncident()),
              ElementsAre("credit_missing 1000", "alternative_product 0", "cancel_order 4200"));
  // More of it is missing, and less of it is wanted by now: what is cheaper is not asked anew.
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  Follow();
  EXPECT_THAT(Choose(kInstead), Not(IsOk()));
  EXPECT_THAT(Lines(), ElementsAre("l-1 3-1 1000", "l-2 2-0 500"));
}

TEST_F(Alternatives, AVL_03_OnlyWhereThePolicyKnowsIt) {
  OrderOn("tmall");
  Short();
  EXPECT_THAT(Propose(1, 100, Employee(), "CNY"), RefusedBy("AVL-03"));
  OrderOn("mall");
  ASSERT_THAT(PickWrong(), IsOk());
  EXPECT_THAT(Propose(1, 100), RefusedBy("AVL-03")) << "what is picked wrongly is picked again";
  OrderOn("mall");
  Short();
  ASSERT_THAT(Choose(kCredit), IsOk());
  EXPECT_THAT(Propose(1, 100), RefusedBy("AVL-03"));
}

TEST_F(Alternatives, SYS_13_EveryVersionOfAnOrderIsTold) {
  OrderOn("mall");
  ASSERT_THAT(Pick({{"l-1", 1}, {"l-2", 2}}), IsOk());
  ASSERT_THAT(TakeOff("l-1", 1), IsOk());
  Follow();
  int64_t told = 0;
  for (const Event& event : desk_.events()) told = std::max(told, event.order_version());
  EXPECT_EQ(told, TheOrder().version());
  ASSERT_THAT(PickWrong(), IsOk());
  ASSERT_THAT(TakeOff("l-2", 1), IsOk());
  Follow();
  for (const Event& event : desk_.events()) told = std::max(told, event.order_version());
  EXPECT_EQ(told, TheOrder().version());
}

}  // namespace
}  // namespace makegood::rules
