// The list of work: what events put on it and take off it, and who does it (WRK-01, WRK-02).
#include "common/rules/work/work_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/rules/orders/order_records.h"
#include "common/rules/work/work_table.h"
#include "google/protobuf/descriptor.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {
namespace {

using base::v1::WorkItem;
using events::v1::Event;
using orders::v1::AssignedWork;
using orders::v1::Work;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint32_t kPart = 3;  // of a desk

class WorkRules : public ::testing::Test {
 protected:
  static WorkItem Decision(absl::string_view due = "2026-09-03T10:00+02:00") {
    WorkItem item;
    item.set_kind(base::v1::WORK_KIND_DECIDE_CLAIM);
    item.set_turn(base::v1::WORK_TURN_OPERATIONS);
    item.set_subject_id("clm-1");
    item.set_case_id("clm-1");
    *item.mutable_due_time() = rules::ToTimestamp(At(due));
    return item;
  }

  Event AnEvent() const {
    Event event;
    *event.mutable_time() = rules::ToTimestamp(desk_.now());
    *event.mutable_actor() = Operations();
    event.set_order_id("o-1");
    event.set_merchant_id("m-1");
    event.set_customer_id("c-1001");
    event.mutable_policy()->set_marketplace("tmall");
    return event;
  }

  void Begin(const WorkItem& item) {
    Event event = AnEvent();
    *event.add_work_begun() = item;
    EXPECT_THAT(desk_.As(Service()).Decide(rules::FollowWork, event), IsOk());
  }

  void End(const WorkItem& item) {
    Event event = AnEvent();
    *event.add_work_ended() = item;
    EXPECT_THAT(desk_.As(Service()).Decide(rules::FollowWork, event), IsOk());
  }

  // A command about the piece, by `actor`.
  template <typename Request>
  absl::StatusOr<Work> Do(absl::StatusOr<Work> (*decide)(const Request&, rules::Transaction&),
                          const base::v1::Actor& actor = Operations(), Request request = {}) {
    request.add_work_ids(id_);
    return desk_.As(actor).Decide(decide, request);
  }

  absl::StatusOr<Work> PutOff(absl::string_view until) {
    orders::v1::PutOffWorkRequest request;
    *request.mutable_until_time() = rules::ToTimestamp(At(until));
    request.set_reason(base::v1::PUT_OFF_REASON_MERCHANT_ASKED);
    return Do(rules::PutOffWork, Operations(), request);
  }

  absl::StatusOr<Work> Assign(absl::string_view assignee) {
    orders::v1::AssignWorkRequest request;
    request.set_assignee(std::string(assignee));
    return Do(rules::AssignWork, Operations(), request);
  }

  Work Now() const { return desk_.Find<Work>(id_).value_or(Work()); }

  // Under whose name it is listed.
  std::string ListedUnder() const {
    const auto assigned = desk_.Find<AssignedWork>(id_);
    return assigned.has_value() ? rules::RecordTraits<AssignedWork>::Columns(*assigned).group : "";
  }

  Desk desk_{At("2026-09-01T10:00+02:00")};
  const std::string id_ = rules::WorkId(kPart, Decision());
  const base::v1::Actor other_ = MakeActor(base::v1::ROLE_OPERATIONS, "op-2");
};

TEST_F(WorkRules, WRK_01_WhatBeginsIsOnTheListUntilItEnds) {
  Begin(Decision());
  EXPECT_EQ(Now().state(), Work::STATE_OPEN);
  EXPECT_EQ(Now().order_id(), "o-1");
  EXPECT_EQ(Now().item().subject_id(), "clm-1");
  EXPECT_EQ(rules::ToTime(Now().begin_time()), desk_.now());
  const rules::RecordColumns open = rules::RecordTraits<Work>::Columns(Now());
  EXPECT_EQ(open.open_at, "tmall");
  EXPECT_EQ(open.due, At("2026-09-03T10:00+02:00"));

  desk_.Advance(absl::Hours(1));
  End(Decision());
  EXPECT_EQ(Now().state(), Work::STATE_DONE);
  EXPECT_EQ(rules::ToTime(Now().done_time()), desk_.now());
  EXPECT_EQ(Now().done_by().actor_id(), "op-1");
  EXPECT_FALSE(Now().overdue());
  EXPECT_EQ(rules::RecordTraits<Work>::Columns(Now()).open_at, "");

  const int64_t version = Now().version();
  End(Decision());
  EXPECT_EQ(Now().version(), version) << "what is done is not done again";
}

TEST_F(WorkRules, WRK_01_ADateThatMovesMovesTheSamePieceAndKeepsWhoHasIt) {
  Begin(Decision());
  ASSERT_THAT(Do(rules::TakeWork), IsOk());
  desk_.Advance(absl::Hours(1));
  Begin(Decision("2026-09-05T10:00+02:00"));
  EXPECT_EQ(rules::ToTime(Now().item().due_time()), At("2026-09-05T10:00+02:00"));
  EXPECT_EQ(rules::ToTime(Now().begin_time()), At("2026-09-01T10:00+02:00"));
  EXPECT_EQ(Now().assignee(), "op-1");
  EXPECT_EQ(desk_.Find<AssignedWork>(id_)->work().item().due_time().seconds(),
            Now().item().due_time().seconds());
}

TEST_F(WorkRules, WRK_01_WhatWaitsForTheSameAgainBeginsAnew) {
  Begin(Decision());
  ASSERT_THAT(Do(rules::TakeWork), IsOk());
  ASSERT_THAT(PutOff("2026-09-02T10:00+02:00"), IsOk());
  End(Decision());
  EXPECT_EQ(ListedUnder(), "");
  desk_.Advance(absl::Hours(30));
  Begin(Decision("2026-09-09T10:00+02:00"));
  EXPECT_EQ(Now().state(), Work::STATE_OPEN);
  EXPECT_EQ(rules::ToTime(Now().begin_time()), desk_.now());
  EXPECT_EQ(Now().assignee(), "");
  EXPECT_FALSE(Now().has_put_off_until_time());
  EXPECT_FALSE(Now().has_done_time());
  EXPECT_EQ(ListedUnder(), "");
}

TEST_F(WorkRules, WRK_02_LatenessIsFrozenWhenItIsDone) {
  Begin(Decision());
  ASSERT_THAT(PutOff("2026-09-20T10:00+02:00"), IsOk());
  desk_.MoveTo(At("2026-09-03T10:00+02:00"));
  Work now = Now();
  rules::CompleteWork(Operations(), desk_.now(), now);
  EXPECT_TRUE(now.overdue()) << "put off or not";
  End(Decision());
  EXPECT_TRUE(Now().overdue());
}

TEST_F(WorkRules, WRK_02_TwoPeopleDoNotDoTheSame) {
  Begin(Decision());
  const auto taken = Do(rules::TakeWork);
  ASSERT_THAT(taken, IsOk());
  EXPECT_EQ(taken->assignee(), "op-1");
  EXPECT_EQ(ListedUnder(), "op-1");
  const int64_t version = Now().version();
  EXPECT_THAT(Do(rules::TakeWork), IsOk()) << "again";
  EXPECT_EQ(Now().version(), version);
  EXPECT_THAT(Do(rules::TakeWork, other_), RefusedBy("WRK-02"));
  EXPECT_THAT(Do(rules::GiveBackWork, other_), RefusedBy("WRK-02"));
  EXPECT_THAT(Do(rules::GiveBackWork), IsOk());
  EXPECT_EQ(ListedUnder(), "");
  EXPECT_THAT(Do(rules::TakeWork, other_), IsOk());
  EXPECT_EQ(ListedUnder(), "op-2");
  EXPECT_THAT(Assign("op-3"), IsOk()) << "whoever has it";
  EXPECT_EQ(ListedUnder(), "op-3");

  const auto told = desk_.Events(&Event::has_work_assigned);
  std::vector<std::string> whom;
  for (const Event& event : told) whom.push_back(event.work_assigned().assignee());
  EXPECT_THAT(whom, ElementsAre("op-1", "", "op-2", "op-3"));
  EXPECT_EQ(told.front().order_id(), "o-1");
  EXPECT_EQ(told.front().case_id(), "clm-1");
}

TEST_F(WorkRules, WRK_02_WhatIsDoneOrNotThereIsRefused) {
  EXPECT_THAT(Do(rules::TakeWork), StatusIs(absl::StatusCode::kNotFound));
  Begin(Decision());
  EXPECT_THAT(PutOff("2026-09-01T10:00+02:00"), RefusedBy("WRK-02")) << "that is now";
  EXPECT_THAT(Do(rules::TakeWork, Manager()), DeniedBy("WRK-02"));
  desk_.Expecting(Now().version() + 1);
  EXPECT_THAT(Do(rules::TakeWork), StatusIs(absl::StatusCode::kAborted));
  End(Decision());
  EXPECT_THAT(Do(rules::TakeWork), RefusedBy("WRK-02"));
  EXPECT_THAT(Do(rules::GiveBackWork), RefusedBy("WRK-02"));
  EXPECT_THAT(Assign("op-2"), RefusedBy("WRK-02"));
  EXPECT_THAT(PutOff("2026-09-20T10:00+02:00"), RefusedBy("WRK-02"));
  EXPECT_THAT(desk_.Events(&Event::has_work_assigned), IsEmpty());
}

TEST_F(WorkRules, WRK_02_ItIsPutOffForAReason) {
  Begin(Decision());
  const auto later = PutOff("2026-09-02T10:00+02:00");
  ASSERT_THAT(later, IsOk());
  EXPECT_EQ(rules::ToTime(later->put_off_until_time()), At("2026-09-02T10:00+02:00"));
  EXPECT_EQ(later->put_off_reason(), base::v1::PUT_OFF_REASON_MERCHANT_ASKED);
  EXPECT_THAT(desk_.Events(&Event::has_work_put_off), SizeIs(1));
  ASSERT_THAT(Assign("op-2"), IsOk());
  EXPECT_THAT(PutOff("2026-09-02T12:00+02:00"), RefusedBy("WRK-02")) << "somebody else has it";
}

TEST_F(WorkRules, ROL_11_WhoHasItIsForTheMarketplaceAlone) {
  Begin(Decision());
  ASSERT_THAT(Do(rules::TakeWork), IsOk());
  EXPECT_THAT(rules::CheckWorkScope(Now(), Manager()), IsOk());
  EXPECT_THAT(rules::CheckWorkScope(Now(), Manager("m-2")), DeniedBy("ROL-11"));
  EXPECT_THAT(rules::CheckWorkScope(Now(), Customer()), DeniedBy("ROL-11")) << "it is not their turn";
  Work shown = Now();
  rules::CompleteWork(Manager(), desk_.now(), shown);
  EXPECT_EQ(shown.assignee(), "");
  EXPECT_THAT(shown.commands(), IsEmpty()) << "a merchant does not decide";
  rules::CompleteWork(Operations(), desk_.now(), shown = Now());
  EXPECT_THAT(shown.commands(), ElementsAre("ApproveClaim", "RejectClaim"));
}

TEST_F(WorkRules, WRK_01_ROL_11_ACouriersTurnIsOfWhoHasTheOrder) {
  WorkItem cash = Decision();
  cash.set_kind(base::v1::WORK_KIND_RECORD_CASH);
  cash.set_turn(base::v1::WORK_TURN_COURIER);
  const std::string id = rules::WorkId(kPart, cash);
  const auto listed_under = [&](const std::string& copy) {
    const auto found = desk_.Find<AssignedWork>(copy);
    return found.has_value() ? rules::RecordTraits<AssignedWork>::Columns(*found).group : "";
  };
  const auto carried_by = [&](const std::string& courier) {
    const auto put = [](const std::string& carrier, rules::Transaction& tx) -> absl::Status {
      orders::v1::Order order;
      order.set_order_id("o-1");
      order.set_courier_id(carrier);
      tx.Put(order);
      return absl::OkStatus();
    };
    EXPECT_THAT(desk_.As(Service()).Decide(put, courier), IsOk());
  };
  Begin(cash);
  EXPECT_EQ(listed_under(id + "/courier"), "") << "whose order is not known here";
  carried_by("op-1");
  Begin(cash);
  const auto work = [&] { return desk_.Find<Work>(id).value_or(Work()); };
  EXPECT_EQ(work().courier_id(), "op-1");
  EXPECT_EQ(listed_under(id + "/courier"), "courier/op-1") << "no id of somebody of Operations";
  EXPECT_EQ(listed_under(id), "");
  EXPECT_THAT(rules::CheckWorkScope(work(), testing::Courier("op-1")), IsOk());
  EXPECT_THAT(rules::CheckWorkScope(work(), testing::Courier("courier-2")), DeniedBy("ROL-11"));
  orders::v1::TakeWorkRequest take;
  take.add_work_ids(id);
  ASSERT_THAT(desk_.As(Operations()).Decide(rules::TakeWork, take), IsOk());
  EXPECT_EQ(listed_under(id), "op-1") << "both find it";
  EXPECT_EQ(listed_under(id + "/courier"), "courier/op-1");
  Work shown = work();
  rules::CompleteWork(testing::Courier("op-1"), desk_.now(), shown);
  EXPECT_EQ(shown.assignee(), "");
  End(cash);
  EXPECT_EQ(listed_under(id), "");
  EXPECT_EQ(listed_under(id + "/courier"), "");
}

TEST(WorkTable, WRK_01_EveryKindOfWorkIsDoneByAMethod) {
  const auto& kinds = *base::v1::WorkKind_descriptor();
  for (int i = 0; i < kinds.value_count(); ++i) {
    WorkItem item;
    item.set_kind(static_cast<base::v1::WorkKind>(kinds.value(i)->number()));
    const bool none = item.kind() == base::v1::WORK_KIND_UNSPECIFIED;
    EXPECT_EQ(rules::MethodsFor(item).empty(), none) << kinds.value(i)->name();
  }
  WorkItem of_withdrawal;
  of_withdrawal.set_kind(base::v1::WORK_KIND_RETRY_CALLS);
  of_withdrawal.set_subject_id("wdr-03-00112233445566778899aabb");
  ASSERT_EQ(rules::MethodsFor(of_withdrawal).size(), 1U);
  EXPECT_EQ(rules::MethodsFor(of_withdrawal)[0]().name, "RetryWithdrawalCalls");
}

TEST(WorkTable, WRK_01_WhoseTurnItIsIsNotAlwaysWhoRecordsIt) {
  WorkItem cash;
  cash.set_kind(base::v1::WORK_KIND_RECORD_CASH);
  EXPECT_TRUE(rules::MayDo(base::v1::ROLE_OPERATIONS, cash));
  EXPECT_FALSE(rules::MayDo(base::v1::ROLE_CUSTOMER, cash));
  WorkItem note;
  note.set_kind(base::v1::WORK_KIND_ISSUE_CREDIT_NOTE);
  EXPECT_TRUE(rules::MayDo(base::v1::ROLE_STORE_MANAGER, note));
  EXPECT_FALSE(rules::MayDo(base::v1::ROLE_STORE_EMPLOYEE, note));
}

}  // namespace
}  // namespace makegood::testing
