// A credit note that does not come in time (RFD-05).
#include "common/rules/payments/credit_note_due.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/rules/payments/money_desk.h"

namespace makegood::testing {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class LateCreditNotes : public ::testing::Test {
 protected:
  LateCreditNotes() {
    EXPECT_THAT(money_.Pay(3'630, "ref-1"), IsOk());
    EXPECT_THAT(money_.React(money_.Delivered()), IsOk());
    EXPECT_THAT(money_.Follow(AClaim("claim-1", {{"l-1", 1}}, "4712345678")), IsOk());
    note_ = money_.desk.All<CreditNote>().at(0);
  }

  std::vector<rules::Task> Timers() { return money_.desk.Tasks(rules::kCreditNoteDue); }

  void TimerFires() {
    const rules::Task timer = Timers().at(0);
    money_.desk.MoveTo(timer.due);
    ASSERT_THAT(money_.desk.As(Service()).Complete(timer.id, rules::MarkCreditNoteOverdue, timer.payload),
                IsOk());
  }

  CreditNote Now() { return *money_.desk.Find<CreditNote>(note_.credit_note_id()); }

  std::vector<events::v1::Event> Told() {
    return money_.desk.Events(&events::v1::Event::has_credit_note_overdue);
  }

  static MoneyOf OneLine() {
    MoneyOf money;
    money.marketplace = "mall";
    money.lines = {{"l-1", 1, 3'630}};
    money.delivery_fee_minor = 0;
    return money;
  }

  MoneyDesk money_{OneLine()};
  CreditNote note_;
};

TEST_F(LateCreditNotes, RFD_05_OneThatDoesNotComeInTimeIsMarkedAndToldOnce) {
  ASSERT_THAT(Timers(), SizeIs(1));
  EXPECT_EQ(Timers()[0].due, rules::ToTime(note_.due_time()));
  TimerFires();
  EXPECT_TRUE(Now().overdue());
  EXPECT_EQ(Now().state(), CreditNote::STATE_REQUESTED);
  ASSERT_THAT(Told(), SizeIs(1));
  EXPECT_EQ(Told()[0].case_id(), "claim-1");
  EXPECT_EQ(Told()[0].order_id(), note_.order_id());
  const events::v1::CreditNoteOverdue fact = Told()[0].credit_note_overdue();
  EXPECT_EQ(fact.return_number(), "4712345678");
  EXPECT_EQ(fact.amount().amount_minor(), 2'700);
  EXPECT_EQ(rules::ToTime(fact.due_time()), rules::ToTime(note_.due_time()));

  ASSERT_THAT(money_.desk.Decide(rules::MarkCreditNoteOverdue, note_.credit_note_id()), IsOk());
  ASSERT_THAT(money_.Send(money_.DocumentFor(note_)), IsOk());
  EXPECT_TRUE(Now().overdue()) << "it was late, also once it is there";
  EXPECT_THAT(Told(), SizeIs(1));
}

TEST_F(LateCreditNotes, RFD_05_OneThatComesInTimeIsNotTold) {
  money_.desk.MoveTo(rules::ToTime(note_.due_time()) - absl::Seconds(1));
  ASSERT_THAT(money_.Send(money_.DocumentFor(note_)), IsOk());
  EXPECT_THAT(Timers(), IsEmpty());
  money_.desk.Advance(absl::Hours(1));
  ASSERT_THAT(money_.desk.As(Service()).Decide(rules::MarkCreditNoteOverdue, note_.credit_note_id()), IsOk());
  EXPECT_FALSE(Now().overdue());
  EXPECT_THAT(Told(), IsEmpty());
}

TEST_F(LateCreditNotes, RFD_05_ADocumentThatComesBeforeItsTimerIsLateAllTheSame) {
  money_.desk.MoveTo(rules::ToTime(note_.due_time()) + absl::Hours(1));
  ASSERT_THAT(money_.Send(money_.DocumentFor(note_)), IsOk());
  EXPECT_TRUE(Now().overdue());
  EXPECT_THAT(Told(), SizeIs(1));
  EXPECT_THAT(Timers(), IsEmpty());
}

TEST_F(LateCreditNotes, RFD_05_ORD_13_AnImportedOneHasNoTimer) {
  MoneyDesk past(OneLine());
  ASSERT_THAT(past.Pay(3'630, "ref-1"), IsOk());
  ASSERT_THAT(past.React(past.Delivered()), IsOk());
  events::v1::Event numbered = past.OrderEvent();
  numbered.set_imported(true);
  numbered.set_case_id("correction-1");
  numbered.mutable_correction_numbered()->set_return_number("4712345678");
  ASSERT_THAT(past.React(numbered), IsOk());
  EXPECT_THAT(past.desk.All<CreditNote>(), SizeIs(1));
  EXPECT_THAT(past.desk.Tasks(rules::kCreditNoteDue), IsEmpty());
}

}  // namespace
}  // namespace makegood::testing
