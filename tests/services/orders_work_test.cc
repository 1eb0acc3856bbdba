// The list of work as the orders service serves it (WRK-01, WRK-02).
#include "common/rules/work/work_rules.h"
#include "makegood/orders/v1/work_service.grpc.pb.h"
#include "tests/services/orders_fixture.h"

namespace makegood::testing {
namespace {

using base::v1::WorkItem;
using orders::v1::GetWorkRequest;
using orders::v1::ListWorkRequest;
using orders::v1::ListWorkResponse;
using orders::v1::StreamWorkRequest;
using orders::v1::TakeWorkRequest;
using orders::v1::Work;
using orders::v1::WorkService;
using orders::v1::WorkVerdicts;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class WorkTest : public OrdersTest {
 protected:
  static WorkItem Item(const std::string& subject, absl::string_view due,
                       base::v1::WorkKind kind = base::v1::WORK_KIND_DECIDE_CLAIM,
                       base::v1::WorkTurn turn = base::v1::WORK_TURN_OPERATIONS) {
    WorkItem item;
    item.set_kind(kind);
    item.set_turn(turn);
    item.set_subject_id(subject);
    item.set_case_id(subject);
    if (!due.empty()) *item.mutable_due_time() = rules::ToTimestamp(At(due));
    return item;
  }

  // The claims service tells that something waits, or does not any more.
  void Tell(const WorkItem& item, bool begun = true, const std::string& order_id = "o-1",
            const std::string& merchant_id = "m-1", const std::string& marketplace = "mall") {
    Event event;
    event.set_order_id(order_id);
    event.set_merchant_id(merchant_id);
    event.set_customer_id("c-1001");
    event.mutable_policy()->set_marketplace(marketplace);
    event.set_case_id(item.case_id());
    event.mutable_work_changed();
    *(begun ? event.add_work_begun() : event.add_work_ended()) = item;
    service_.Happens("claims", event);
    service_.Settle();
  }

  std::vector<Work> List(ListWorkRequest request = {}, const Actor& actor = Operations()) {
    std::vector<Work> all;
    do {
      const auto page = Call(actor, &WorkService::Stub::ListWork, request);
      EXPECT_THAT(page, IsOk());
      if (!page.ok()) return all;
      all.insert(all.end(), page->work().begin(), page->work().end());
      request.set_page_token(page->next_page_token());
    } while (!request.page_token().empty());
    return all;
  }

  static std::vector<std::string> SubjectsOf(const std::vector<Work>& work) {
    std::vector<std::string> subjects;
    for (const Work& one : work) subjects.push_back(one.item().subject_id());
    return subjects;
  }
  std::vector<std::string> Subjects(const ListWorkRequest& request = {}, const Actor& actor = Operations()) {
    return SubjectsOf(List(request, actor));
  }

  std::string IdOf(const std::string& subject) {
    for (const Work& work : List()) {
      if (work.item().subject_id() == subject) return work.work_id();
    }
    return "";
  }

  absl::StatusOr<WorkVerdicts> Take(const std::vector<std::string>& ids, const Actor& actor = Operations(),
                                    absl::string_view request_id = "") {
    TakeWorkRequest request;
    for (const std::string& id : ids) request.add_work_ids(id);
    return Call(actor, &WorkService::Stub::TakeWork, request, request_id);
  }

  // A decision, a document, goods, a reship: the last at another merchant and marketplace.
  void TellFour() {
    Tell(Item("clm-2", "2026-09-05T10:00+02:00"));
    Tell(Item("clm-1", "2026-09-01T10:00+02:00", base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT), true, "o-2");
    Tell(Item("wdr-1", "", base::v1::WORK_KIND_RETURN_GOODS, base::v1::WORK_TURN_CUSTOMER));
    Tell(
        Item("clm-3", "2026-09-03T10:00+02:00", base::v1::WORK_KIND_SEND_AGAIN, base::v1::WORK_TURN_MERCHANT),
        true, "o-3", "m-2", "tmall");
  }
};

TEST_F(WorkTest, WRK_01_MostUrgentFirstWithTheCommandThatDoesEach) {
  TellFour();
  const std::vector<Work> work = List();
  EXPECT_THAT(SubjectsOf(work), ElementsAre("clm-1", "clm-3", "clm-2", "wdr-1"));
  EXPECT_TRUE(work[0].overdue());
  EXPECT_FALSE(work[1].overdue());
  EXPECT_THAT(work[0].commands(), ElementsAre("CreateReturnDocument"));
  EXPECT_EQ(work[0].order_id(), "o-2");

  Tell(Item("clm-1", "2026-09-01T10:00+02:00", base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT), false, "o-2");
  EXPECT_THAT(Subjects(), ElementsAre("clm-3", "clm-2", "wdr-1"));
  GetWorkRequest done;
  done.set_work_id(work[0].work_id());
  const auto shown = Call(Operations(), &WorkService::Stub::GetWork, done);
  ASSERT_THAT(shown, IsOk());
  EXPECT_EQ(shown->state(), Work::STATE_DONE);
  EXPECT_TRUE(shown->overdue());

  service_.Restart();
  Connect();
  service_.Settle();
  EXPECT_THAT(Subjects(), ElementsAre("clm-3", "clm-2", "wdr-1"));
}

TEST_F(WorkTest, WRK_01_FiltersAddUp) {
  TellFour();
  ListWorkRequest request;
  request.add_turns(base::v1::WORK_TURN_OPERATIONS);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-1", "clm-2"));
  request.add_kinds(base::v1::WORK_KIND_DECIDE_CLAIM);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-2"));
  request.Clear();
  request.add_kinds(base::v1::WORK_KIND_SEND_AGAIN);
  request.add_kinds(base::v1::WORK_KIND_RETURN_GOODS);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-3", "wdr-1"));
  request.Clear();
  request.set_marketplace("tmall");
  EXPECT_THAT(Subjects(request), ElementsAre("clm-3"));
  request.Clear();
  request.set_order_id("o-1");
  EXPECT_THAT(Subjects(request), ElementsAre("clm-2", "wdr-1"));
  request.set_marketplace("tmall");
  EXPECT_THAT(Subjects(request), IsEmpty());
  request.Clear();
  request.set_merchant_id("m-2");
  EXPECT_THAT(Subjects(request), ElementsAre("clm-3"));
  request.Clear();
  request.set_customer_id("c-1001");
  EXPECT_THAT(Subjects(request), ElementsAre("wdr-1")) << "what is their turn";
  request.Clear();
  request.set_overdue_only(true);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-1"));
  request.Clear();
  *request.mutable_due_before() = rules::ToTimestamp(At("2026-09-05T10:00+02:00"));
  EXPECT_THAT(Subjects(request), ElementsAre("clm-1", "clm-3"));
  request.Clear();
  request.set_page_size(1);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-1", "clm-3", "clm-2", "wdr-1")) << "page by page";
}

TEST_F(WorkTest, ROL_11_CustomersSeeTheirTurnAndStoresTheirOrders) {
  TellFour();
  EXPECT_THAT(Subjects({}, Customer()), ElementsAre("wdr-1"));
  EXPECT_THAT(Subjects({}, Customer("c-1002")), IsEmpty());
  EXPECT_THAT(Subjects({}, Manager()), ElementsAre("clm-1", "clm-2", "wdr-1"));
  EXPECT_THAT(Subjects({}, Employee("m-2")), ElementsAre("clm-3"));
  EXPECT_THAT(Subjects({}, Auditor()), SizeIs(4));
  ListWorkRequest others;
  others.set_merchant_id("m-1");
  EXPECT_THAT(Call(Manager("m-2"), &WorkService::Stub::ListWork, others), DeniedBy("ROL-11"));
  EXPECT_THAT(Subjects({}, Courier()), IsEmpty()) << "they carry nothing of it";
  GetWorkRequest decision;
  decision.set_work_id(IdOf("clm-2"));
  EXPECT_THAT(Call(Customer(), &WorkService::Stub::GetWork, decision), DeniedBy("ROL-11"));
  EXPECT_THAT(Call(Manager("m-2"), &WorkService::Stub::GetWork, decision), DeniedBy("ROL-11"));
}

TEST_F(WorkTest, WRK_02_ManyAtOnceWithAVerdictForEach) {
  TellFour();
  const std::string document = IdOf("clm-1");
  const std::string decision = IdOf("clm-2");
  ASSERT_THAT(Take({decision}, MakeActor(base::v1::ROLE_OPERATIONS, "op-2")), IsOk());
  const std::string unknown = rules::WorkId(1, Item("clm-9", ""));
  const auto verdicts = Take({document, decision, unknown}, Operations(), "take-1");
  ASSERT_THAT(verdicts, IsOk());
  ASSERT_EQ(verdicts->verdicts_size(), 3);
  EXPECT_TRUE(verdicts->verdicts(0).accepted());
  EXPECT_EQ(verdicts->verdicts(0).work().assignee(), "op-1");
  EXPECT_FALSE(verdicts->verdicts(1).accepted());
  EXPECT_EQ(verdicts->verdicts(1).rule_id(), "WRK-02");
  EXPECT_THAT(verdicts->verdicts(1).reason(), ::testing::HasSubstr("op-2 has it"));
  EXPECT_FALSE(verdicts->verdicts(2).accepted());
  EXPECT_THAT(verdicts->verdicts(2).reason(), ::testing::HasSubstr("does not exist"));

  const int64_t version = verdicts->verdicts(0).work().version();
  const auto again = Take({document, decision}, Operations(), "take-1");
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->verdicts(0).work().version(), version) << "the first answer of each";
  TakeWorkRequest trial;
  trial.mutable_command()->set_validate_only(true);
  trial.add_work_ids(IdOf("clm-3"));
  const auto tried = Call(Operations(), &WorkService::Stub::TakeWork, trial);
  ASSERT_THAT(tried, IsOk());
  EXPECT_TRUE(tried->verdicts(0).accepted());

  ListWorkRequest mine;
  mine.set_assignee("op-1");
  EXPECT_THAT(Subjects(mine), ElementsAre("clm-1"));
  ListWorkRequest nobodys;
  nobodys.set_unassigned_only(true);
  EXPECT_THAT(Subjects(nobodys), ElementsAre("clm-3", "wdr-1"));

  EXPECT_THAT(Take({document, document}), NamesField("work_ids[1]"));
  EXPECT_THAT(Take({document}, Manager()), DeniedBy("WRK-02"));
  TakeWorkRequest both;
  both.mutable_command()->set_expected_version(1);
  both.add_work_ids(document);
  both.add_work_ids(decision);
  EXPECT_THAT(Call(Operations(), &WorkService::Stub::TakeWork, both), NamesField("command.expected_version"));
}

TEST_F(WorkTest, WRK_02_WhatIsPutOffIsOutOfSightUntilThen) {
  TellFour();
  orders::v1::PutOffWorkRequest later;
  *later.mutable_until_time() = rules::ToTimestamp(At("2026-09-04T10:00+02:00"));
  later.set_reason(base::v1::PUT_OFF_REASON_CUSTOMER_ASKED);
  later.add_work_ids(IdOf("clm-1"));
  later.add_work_ids(IdOf("clm-2"));
  const auto verdicts = Call(Operations(), &WorkService::Stub::PutOffWork, later);
  ASSERT_THAT(verdicts, IsOk());
  EXPECT_THAT(Subjects(), ElementsAre("clm-3", "wdr-1"));
  ListWorkRequest request;
  request.set_with_put_off(true);
  EXPECT_THAT(Subjects(request), SizeIs(4));
  request.Clear();
  request.set_overdue_only(true);
  EXPECT_THAT(Subjects(request), ElementsAre("clm-1")) << "it is overdue all the same";
  service_.MoveTo(At("2026-09-04T10:00+02:00"));
  EXPECT_THAT(Subjects(), SizeIs(4));
}

TEST_F(WorkTest, WRK_01_TheStreamTellsWhatIsOpenAndThenEachChange) {
  TellFour();
  WorkService::Stub stub(channel_);
  grpc::ClientContext context;
  rpc::Prepare(context, Operations(), absl::Seconds(30));
  StreamWorkRequest request;
  request.add_turns(base::v1::WORK_TURN_OPERATIONS);
  const auto reader = stub.StreamWork(&context, request);
  Work work;
  ASSERT_TRUE(reader->Read(&work));
  EXPECT_EQ(work.item().subject_id(), "clm-1");
  ASSERT_TRUE(reader->Read(&work));
  EXPECT_EQ(work.item().subject_id(), "clm-2");
  const std::string decision = work.work_id();

  Tell(Item("clm-4", "", base::v1::WORK_KIND_SEND_AGAIN, base::v1::WORK_TURN_MERCHANT));
  ASSERT_THAT(Take({decision}), IsOk());
  ASSERT_TRUE(reader->Read(&work));
  EXPECT_EQ(work.work_id(), decision) << "the merchant's turn is not asked for";
  EXPECT_EQ(work.assignee(), "op-1");
  Tell(Item("clm-2", "2026-09-05T10:00+02:00"), false);
  ASSERT_TRUE(reader->Read(&work));
  EXPECT_EQ(work.work_id(), decision);
  EXPECT_EQ(work.state(), Work::STATE_DONE);
  context.TryCancel();
  EXPECT_FALSE(reader->Read(&work));
  reader->Finish();
}

TEST_F(WorkTest, WRK_01_OrdersOwnWorkComesTheSameWay) {
  ASSERT_THAT(CreateOpen(), IsOk());
  ASSERT_THAT(Call(Manager(), &OrdersService::Stub::PlaceHold, HoldFor(base::v1::HOLD_NAME_STOCK_SHORTAGE)),
              IsOk());
  service_.Settle();
  const std::vector<Work> work = List();
  ASSERT_THAT(work, SizeIs(1));
  EXPECT_EQ(work[0].item().kind(), base::v1::WORK_KIND_RELEASE_HOLD);
  EXPECT_EQ(work[0].item().turn(), base::v1::WORK_TURN_MERCHANT);
  ASSERT_THAT(Take({work[0].work_id()}), IsOk());
  service_.Settle();
  EXPECT_THAT(TextsOf(Timeline(Operations())), ::testing::Contains("op-1 has work: release hold."));
}

}  // namespace
}  // namespace makegood::testing
