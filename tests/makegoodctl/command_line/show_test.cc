// What scripts read, and the line that tells what a change came to.
#include "tools/makegoodctl/command_line/show.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "makegood/base/v1/command.pb.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/deliveries/v1/deliveries_service.pb.h"
#include "makegood/events/v1/event_service.pb.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/orders/v1/scorecard_service.pb.h"
#include "makegood/payments/v1/payments.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "tools/makegoodctl/command_line/change_line.h"

namespace makegood::ctl {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(ToJsonTest, ZerosAndFalseAreThereForScripts) {
  orders::v1::Figure figure;
  figure.set_rule_id("KPI-01");
  EXPECT_THAT(ToJson(figure), AllOf(HasSubstr("\"numerator\":\"0\""), HasSubstr("\"value_basis_points\":")));
  EXPECT_THAT(ToJson(base::v1::Command()), HasSubstr("\"validate_only\":false"));
  EXPECT_THAT(ToJson(payments::v1::CheckLedgerResponse()), HasSubstr("\"broken_entry_ids\":[]"));
}

TEST(ToJsonTest, WhatMayBeAbsentAndIsStaysAbsent) {
  base::v1::Command command;
  EXPECT_THAT(ToJson(command), Not(HasSubstr("expected_version")));
  command.set_expected_version(1);
  EXPECT_THAT(ToJson(command), HasSubstr("\"expected_version\":\"1\""));
  claims::v1::Claim claim;
  EXPECT_THAT(ToJson(claim), AllOf(Not(HasSubstr("submit_time")), Not(HasSubstr("\"gross\""))));
  EXPECT_THAT(ToJson(events::v1::Event()), Not(HasSubstr("order_created"))) << "one of many";
}

// What a list that found nothing prints: standard output, then standard error.
std::pair<std::string, std::string> Empty(const std::string& output,
                                          const std::vector<std::string>& narrowed_by) {
  Settings settings;
  settings.output = output;
  const Session session(settings, "claims list", {"claims", "list"});
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  Rows(session, *claims::v1::Claim::descriptor()).Finish(narrowed_by);
  std::string out = ::testing::internal::GetCapturedStdout();
  return {std::move(out), ::testing::internal::GetCapturedStderr()};
}

TEST(RowsTest, WhereNothingIsFoundATableSaysSoAndByWhatItMayBeTooNarrow) {
  EXPECT_THAT(Empty("table", {}), Pair("", "Nothing was found.\n"));
  EXPECT_THAT(Empty("table", {"--state", "--due-before"}),
              Pair("", "Nothing was found; too narrow may be --state, --due-before.\n"));
  EXPECT_THAT(Empty("json", {"--state"}), Pair("", ""));
  EXPECT_THAT(Empty("text", {"--state"}), Pair("", ""));
}

claims::v1::Claim Approved() {
  claims::v1::Claim claim;
  claim.set_claim_id("clm-1");
  claim.set_state(claims::v1::Claim::STATE_APPROVED);
  for (const auto& [action, allowed] : {std::pair{"ChooseResolution", true}, {"AppealClaim", false}}) {
    auto& one = *claim.add_available_actions();
    one.set_action(action);
    one.set_allowed(allowed);
  }
  return claim;
}

TEST(ChangeLineTest, TellsWhatIsNowAndWhatMayComeNext) {
  EXPECT_EQ(ChangeLine(Approved(), false), "claim clm-1 APPROVED, next: claims choose");
  EXPECT_THAT(ChangeLine(Approved(), true), HasSubstr("\033[32mAPPROVED\033[0m"));
}

TEST(ChangeLineTest, ARecordWithoutAStateIsOnRecordAndWhatIsNoRecordHasNoLine) {
  notifications::v1::ChatMessage message;
  message.set_message_id("msg-1");
  EXPECT_EQ(ChangeLine(message, false), "message msg-1 is on record");
  payments::v1::CreditNote note;
  note.set_credit_note_id("crn-1");
  note.set_state(payments::v1::CreditNote::STATE_ISSUED);
  EXPECT_EQ(ChangeLine(note, false), "credit note crn-1 ISSUED");
  EXPECT_EQ(ChangeLine(payments::v1::CheckLedgerResponse(), false), "");
}

TEST(ChangeLineTest, SYS_07_DLV_05_DLV_08_PAY_05_AReportThatIsTakenAndRefusedSaysSo) {
  payments::v1::Payment payment;
  payment.set_payment_id("pay-1");
  payment.set_outcome(payments::v1::Payment::OUTCOME_REFUSED);
  payment.set_rule_id("PAY-05");
  EXPECT_THAT(ChangeLine(payment, false), StartsWith("payment pay-1: REFUSED, and on record: PAY-05: "));
  payment.set_outcome(payments::v1::Payment::OUTCOME_ACCEPTED);
  payment.clear_rule_id();
  EXPECT_EQ(ChangeLine(payment, false), "payment pay-1 ACCEPTED");

  deliveries::v1::HandoverResult handed;
  handed.set_order_id("o-1");
  handed.set_outcome(deliveries::v1::HandoverResult::OUTCOME_REFUSED);
  handed.set_rule_id("DLV-05");
  handed.set_reason("nobody has allowed it");
  EXPECT_EQ(ChangeLine(handed, false),
            "handover of order o-1: REFUSED, and on record: DLV-05: nobody has allowed it");

  deliveries::v1::Delivery delivery;
  delivery.set_order_id("o-1");
  delivery.set_state(deliveries::v1::Delivery::STATE_WITH_CARRIER);
  delivery.mutable_interception()->set_state(deliveries::v1::Interception::STATE_REFUSED);
  const deliveries::v1::RequestInterceptionRequest asked;
  EXPECT_THAT(ChangeLine(delivery, false, &asked),
              StartsWith("interception of order o-1: REFUSED, and on record: DLV-08: "));
  const deliveries::v1::RecordCustomsHoldRequest later;
  EXPECT_EQ(ChangeLine(delivery, false, &later), "order o-1 WITH_CARRIER")
      << "that was told when it was asked";
}

TEST(ChangeLineTest, WhatWasTriedAgainIsCounted) {
  events::v1::RetryAllStuckResponse reply;
  EXPECT_EQ(ChangeLine(reply, false), "0 tried again, 0 left");
  reply.set_retried(1000);
  reply.set_left(2);
  EXPECT_EQ(ChangeLine(reply, false), "1000 tried again, 2 left: ask again for those");
}

TEST(ChangeLineTest, ALineStaysALine) {
  claims::v1::Claim claim = Approved();
  for (int i = 0; i < 20; ++i) *claim.add_available_actions() = claim.available_actions(0);
  EXPECT_LT(ChangeLine(claim, false).size(), 150U);
  EXPECT_THAT(ChangeLine(claim, false), HasSubstr(", …"));
}

}  // namespace
}  // namespace makegood::ctl
