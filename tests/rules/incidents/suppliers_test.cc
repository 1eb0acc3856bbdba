// What suppliers are asked for, and what comes of it (AVL-05 to AVL-08).
#include "common/rules/incidents/supplier_tasks.h"
#include "tests/rules/incidents/incident_fixture.h"
#include "tests/support/work_support.h"

namespace makegood::rules {
namespace {

using base::v1::SupplierAnswer;
using base::v1::SupplierTaskKind;
using incidents::v1::AnswerSupplierTaskRequest;

class Suppliers : public Incidents {
 protected:
  static constexpr SupplierTaskKind kExpedite = base::v1::SUPPLIER_TASK_KIND_EXPEDITE;
  static constexpr SupplierTaskKind kReorder = base::v1::SUPPLIER_TASK_KIND_REORDER;
  static constexpr SupplierTaskKind kAdjust = base::v1::SUPPLIER_TASK_KIND_ADJUST;
  static constexpr SupplierAnswer kWillDo = base::v1::SUPPLIER_ANSWER_WILL_DO;
  static constexpr SupplierAnswer kCannot = base::v1::SUPPLIER_ANSWER_CANNOT;

  absl::StatusOr<Incident> Answer(SupplierTaskKind task, SupplierAnswer answer,
                                  absl::Time expected = absl::InfinitePast(),
                                  const base::v1::Actor& actor = Employee()) {
    AnswerSupplierTaskRequest request;
    request.set_incident_id(TheIncident().incident_id());
    request.set_task(task);
    request.set_answer(answer);
    if (expected > absl::InfinitePast()) *request.mutable_expected_time() = ToTimestamp(expected);
    return desk_.As(actor).Decide(AnswerSupplierTask, request);
  }

  // "reorder will_do".
  static std::vector<std::string> TasksOf(const Incident& incident) {
    std::vector<std::string> all;
    for (const incidents::v1::SupplierTask& task : incident.supplier_tasks()) {
      all.push_back(absl::StrCat(Word(task.kind()), " ", Word(task.answer())));
    }
    return all;
  }

  // tmall, two days late.
  void Late() {
    OrderOn("tmall");
    RunTimersUntil(promised_ + absl::Hours(48));
  }

  std::vector<std::string> Waiting() {
    EXPECT_EQ(testing::WorkTold(desk_.events()), (testing::WorkOn<Order, Incident>(desk_)));
    return testing::InShort(RecordTraits<Incident>::Waiting(TheIncident()));
  }
};

TEST_F(Suppliers, AVL_07_TheSupplierIsAskedToExpediteOnce) {
  Late();
  EXPECT_THAT(TasksOf(TheIncident()), ElementsAre("expedite unspecified"));
  EXPECT_THAT(desk_.Events(&Event::has_supplier_asked), SizeIs(1));
  EXPECT_EQ(ToTime(Last(&Event::has_supplier_asked).supplier_asked().due_time()),
            promised_ + absl::Hours(48 + 72));
  RunTimersUntil(promised_ + absl::Hours(96));
  EXPECT_EQ(Word(TheIncident().kind()), "no_stock");
  EXPECT_THAT(TasksOf(TheIncident()), ElementsAre("expedite unspecified", "reorder unspecified"))
      << "the question goes on with what has taken its place";
  EXPECT_THAT(desk_.Events(&Event::has_supplier_asked), SizeIs(2));
}

TEST_F(Suppliers, AVL_08_AnAnswerStopsTheSuppliersTimerOnly) {
  Late();
  ASSERT_THAT(Waiting(),
              ElementsAre(HasSubstr("merchant expedite"), HasSubstr("merchant answer_supplier_task by")));
  ASSERT_THAT(Answer(kExpedite, kWillDo, desk_.now() + absl::Hours(12)), IsOk());
  EXPECT_THAT(TasksOf(TheIncident()), ElementsAre("expedite will_do"));
  EXPECT_THAT(Waiting(), ElementsAre(HasSubstr("merchant expedite")));
  EXPECT_THAT(desk_.Tasks(kSupplierDue), IsEmpty());
  EXPECT_THAT(desk_.Tasks(kShipmentNoStock), SizeIs(1)) << "it has still not left";
  RunTimersUntil(promised_ + absl::Hours(48 + 72));
  EXPECT_THAT(Open(), ElementsAre("no_stock")) << "the supplier was not silent";
  RunTimersUntil(promised_ + absl::Hours(96 + 72));
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED)
      << "the reorder was answered by nobody, nor the question";
}

TEST_F(Suppliers, AVL_08_ASilentSupplierIsARefund) {
  Late();
  RunTimersUntil(promised_ + absl::Hours(48 + 72) - absl::Seconds(1));
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(Open(), ElementsAre("no_stock"));
  RunTimersUntil(promised_ + absl::Hours(48 + 72));
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_EQ(Word(TheOrder().cancellation().reason()), "unavailable");
  EXPECT_EQ(Word(TheIncident().outcome()), "cancelled");
  EXPECT_THAT(TasksOf(TheIncident()), ElementsAre("expedite unspecified", "reorder unspecified"));
  EXPECT_THAT(desk_.Events(&Event::has_supplier_asked), SizeIs(2))
      << "each once: to expedite, and to reorder";
  EXPECT_THAT(Open(), IsEmpty());
  EXPECT_THAT(Holds(), IsEmpty());
  EXPECT_THAT(Waiting(), ElementsAre(HasSubstr("merchant answer_supplier_task by")))
      << "AVL-05: what is refunded is looked for elsewhere all the same";
  EXPECT_THAT(desk_.Tasks(kSupplierDue), IsEmpty());
}

TEST_F(Suppliers, AVL_08_ASupplierMayBeReportedSilent) {
  Late();
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_SUPPLIER_SILENT), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_THAT(Open(), IsEmpty());
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_SUPPLIER_SILENT, Employee()), IsOk());
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("cancel_order 4200"));
  EXPECT_THAT(Holds(), SizeIs(1));
  RunTimersUntil(desk_.now() + absl::Hours(48));
  EXPECT_TRUE(TheIncident().overdue());
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN) << "that policy does nothing by itself";
}

TEST_F(Suppliers, AVL_08_WhereThePolicySaysNothingOfItOperationsSeeToIt) {
  OrderOn("tmall");
  Order order = TheOrder();
  RunTimersUntil(promised_ + absl::Hours(48));
  // As an operator's own policy has it that asks but knows no silence.
  Incident incident = TheIncident();
  incident.mutable_policy()->set_marketplace("mall");
  incident.mutable_policy()->set_version(testing::ShippedVersion("mall"));
  order.mutable_policy()->CopyFrom(incident.policy());
  const auto put = [&](Transaction& tx) -> absl::Status {
    tx.Put(incident);
    tx.Put(order);
    return absl::OkStatus();
  };
  ASSERT_THAT(desk_.As(Service()).Decide([&](int, Transaction& tx) { return put(tx); }, 0), IsOk());
  desk_.MoveTo(promised_ + absl::Hours(48 + 72));
  ASSERT_THAT(desk_.Decide(EndSupplierTerm, incident.incident_id()), IsOk());
  EXPECT_TRUE(Now(incident.incident_id()).overdue());
  EXPECT_EQ(TheOrder().state(), Order::STATE_OPEN);
  EXPECT_THAT(testing::InShort(RecordTraits<Incident>::Waiting(Now(incident.incident_id()))),
              ElementsAre(HasSubstr("merchant expedite"), HasSubstr("operations see_to_incident")));
  ASSERT_THAT(desk_.Decide(EndSupplierTerm, incident.incident_id()), IsOk());
  EXPECT_THAT(desk_.Events(&Event::has_incident_overdue), SizeIs(1)) << "once";
}

TEST_F(Suppliers, AVL_07_AVL_05_WhatCannotBeExpeditedIsNotThere) {
  Late();
  const std::string late = TheIncident().incident_id();
  const absl::StatusOr<Incident> none = Answer(kExpedite, kCannot);
  ASSERT_THAT(none, IsOk());
  EXPECT_EQ(Word(none->kind()), "no_stock");
  EXPECT_THAT(OptionsOf(*none), ElementsAre("cancel_order 4200"));
  EXPECT_EQ(Word(Now(late).outcome()), "superseded");
  EXPECT_THAT(Open(), ElementsAre("no_stock"));
  RunTimersUntil(promised_ + absl::Hours(97));
  EXPECT_THAT(Open(), ElementsAre("no_stock")) << "of one cause there is one";
}

TEST_F(Suppliers, AVL_05_WhatIsReorderedMayBeWaitedFor) {
  OrderOn("tmall");
  ASSERT_THAT(Pick({}), IsOk());
  ASSERT_EQ(Word(TheIncident().kind()), "no_stock");
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("cancel_order 4200"));
  ASSERT_THAT(Answer(kReorder, kWillDo, desk_.now() + absl::Hours(72)), IsOk());
  EXPECT_THAT(OptionsOf(TheIncident()), ElementsAre("await_restock", "cancel_order 4200"));
  EXPECT_TRUE(Last(&Event::has_incident_opened).incident_opened().again());
  ASSERT_THAT(Choose(kAwait), IsOk());
  ASSERT_THAT(Answer(kReorder, kWillDo, desk_.now() + absl::Hours(80)), IsOk());
  EXPECT_EQ(TheIncident().state(), Incident::STATE_AWAITING_RESTOCK) << "who waits goes on waiting";
}

TEST_F(Suppliers, AVL_06_AVL_08_WhatIsHeldStaysSoInSilence) {
  OrderOn("default");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  ASSERT_THAT(Holds(), SizeIs(1));
  RunTimersUntil(desk_.now() + absl::Hours(72));
  EXPECT_THAT(Open(), ElementsAre("supplier_silent"));
  EXPECT_THAT(Holds(), SizeIs(1));
  EXPECT_THAT(Send(), RefusedBy("ORD-12"));
}

TEST_F(Suppliers, AVL_08_TheCustomerIsToldUntilWhenThereIsAChoice) {
  Late();
  RunTimersUntil(promised_ + absl::Hours(96));
  EXPECT_EQ(ToTime(TheIncident().choice_due_time()), promised_ + absl::Hours(48 + 72))
      << "the supplier's silence would end it";
}

TEST_F(Suppliers, AVL_06_WhatIsTooLargeIsRefundedAndLookedFor) {
  OrderOn("tmall");
  ASSERT_THAT(Report(base::v1::INCIDENT_KIND_OVERSIZE), IsOk());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED);
  EXPECT_THAT(TasksOf(TheIncident()), ElementsAre("adjust unspecified"));
  EXPECT_THAT(Waiting(), ElementsAre(HasSubstr("merchant answer_supplier_task")));
  ASSERT_THAT(Answer(kAdjust, kWillDo), IsOk());
  EXPECT_THAT(Waiting(), IsEmpty());
  EXPECT_EQ(TheOrder().state(), Order::STATE_CANCELLED) << "an answer after the end opens nothing again";
  EXPECT_EQ(TheIncident().state(), Incident::STATE_CLOSED);
}

TEST_F(Suppliers, AVL_08_WhatIsNotAskedIsNotAnswered) {
  OrderOn("mall");
  Short();
  EXPECT_THAT(Answer(kReorder, kWillDo), RefusedBy("AVL-08"));
  Late();
  EXPECT_THAT(Answer(kReorder, kWillDo), RefusedBy("AVL-08"));
  EXPECT_THAT(Answer(kExpedite, base::v1::SUPPLIER_ANSWER_SILENT), NamesField("answer"));
  EXPECT_THAT(Answer(kExpedite, kCannot, desk_.now() + absl::Hours(1)), NamesField("expected_time"));
  EXPECT_THAT(Answer(kExpedite, kWillDo, desk_.now()), NamesField("expected_time"));
  EXPECT_THAT(Answer(kExpedite, kWillDo, absl::InfinitePast(), Employee("m-2")), DeniedBy("ROL-02"));
  ASSERT_THAT(Send(), IsOk());
  Follow();
  EXPECT_THAT(Answer(kExpedite, kWillDo), RefusedBy("AVL-08")) << "it has left";
  EXPECT_THAT(Waiting(), IsEmpty());
}

}  // namespace
}  // namespace makegood::rules
