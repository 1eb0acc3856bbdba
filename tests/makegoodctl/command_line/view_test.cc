// Messages as people and scripts see them.
#include "tools/makegoodctl/command_line/view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

#include "common/rules/claims/claim_records.h"
#include "makegood/base/v1/resource.pb.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/connectors/v1/import.pb.h"
#include "makegood/notifications/v1/notifications.pb.h"
#include "makegood/orders/v1/fastcentrik_service.pb.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/orders/v1/scorecard_service.pb.h"
#include "makegood/orders/v1/work_service.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::ctl {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

TEST(ViewTest, ARowShowsTheDeclaredColumns) {
  claims::v1::Claim claim;
  claim.set_claim_id("clm-1");
  claim.set_order_id("M-1");
  claim.set_state(claims::v1::Claim::STATE_REJECTED);
  const std::vector<Table::Cell> row = RowOf(claim, ColumnsOf(*claim.GetDescriptor()), {});
  ASSERT_EQ(row.size(), 7U);
  EXPECT_EQ(row[0].text, "clm-1");
  EXPECT_EQ(row[3].text, "rejected");
  EXPECT_EQ(row[3].colour, Colour::kBad);
}

TEST(ViewTest, WRK_01_WorkShowsTheCommandWithWhatIsKnownOfItsArguments) {
  orders::v1::Work work;
  work.set_order_id("M-1");
  work.set_state(orders::v1::Work::STATE_OPEN);
  base::v1::WorkItem& item = *work.mutable_item();
  item.set_subject_id("refund-1");
  const auto command = [&work](base::v1::WorkKind kind, std::initializer_list<const char*> methods) {
    work.mutable_item()->set_kind(kind);
    work.clear_commands();
    for (const char* method : methods) work.add_commands(method);
    return ValueAt(work, "command", {});
  };
  EXPECT_EQ(command(base::v1::WORK_KIND_MOVE_MONEY, {"SettleRefund", "FailRefund"}),
            "refunds settle refund-1 PROVIDER_REFERENCE, or refunds fail refund-1 FAILURE");
  EXPECT_EQ(command(base::v1::WORK_KIND_SUBMIT_EVIDENCE, {"UploadEvidence", "SubmitEvidence"}),
            "claims evidence upload refund-1 FILE, then claims evidence submit refund-1");
  EXPECT_EQ(command(base::v1::WORK_KIND_RECORD_CASH, {}), "") << "it is not the reader's to call";
  item.mutable_amount()->set_amount_minor(99800);
  item.mutable_amount()->set_currency("CZK");
  EXPECT_EQ(command(base::v1::WORK_KIND_RECORD_CASH, {"RecordPayment"}),
            "payments record M-1 \"998.00 CZK\" --reference REFERENCE --destination store_account");
  item.set_subject_id("sur-1");
  EXPECT_EQ(command(base::v1::WORK_KIND_PAY_SURCHARGE, {"RecordPayment"}),
            "payments record M-1 \"998.00 CZK\" --reference REFERENCE --destination store_account "
            "--surcharge-id sur-1");
  item.set_subject_id("note-1");
  EXPECT_EQ(command(base::v1::WORK_KIND_ISSUE_CREDIT_NOTE, {"IssueCreditNote"}),
            "credit-notes issue note-1 --document-number DOCUMENT_NUMBER --amount \"998.00 CZK\" "
            "--order-id M-1 --return-number RETURN_NUMBER");
  item.set_detail("HOLD_NAME_UNDER_INCIDENT/inc-1");
  EXPECT_EQ(command(base::v1::WORK_KIND_RELEASE_HOLD, {"ReleaseHold"}),
            "orders release M-1 under_incident --reference-id inc-1");
  work.set_merchant_id("m-100");
  work.mutable_policy()->set_marketplace("mall");
  item.set_subject_id("stk-1");
  EXPECT_EQ(command(base::v1::WORK_KIND_CONFIRM_STOCK, {"SetStock"}),
            "stock set --merchant-id m-100 --marketplace mall --item sku=SKU,stock=NUMBER");
}

TEST(ViewTest, WRK_02_AVerdictSaysNoAndItsRuleOnce) {
  orders::v1::WorkVerdict verdict;
  verdict.set_work_id("wrk-1");
  verdict.set_rule_id("WRK-02");
  verdict.set_reason("WRK-02: it is done");
  const std::vector<Table::Cell> row = RowOf(verdict, ColumnsOf(*verdict.GetDescriptor()), {});
  EXPECT_EQ(row[1].text, "no");
  EXPECT_EQ(row[2].text, "WRK-02");
  EXPECT_EQ(row[3].text, "it is done");
}

TEST(ViewTest, WhatIsDueIsWhatTheClaimWaitsForNow) {
  claims::v1::Claim claim;
  claim.mutable_evidence_due_time()->set_seconds(1'788'220'800);
  claim.mutable_window_due_time()->set_seconds(1'788'307'200);
  claim.mutable_resolution_due_time()->set_seconds(1'788'393'600);
  const auto due = [&claim](claims::v1::Claim::State state) {
    claim.set_state(state);
    return RowOf(claim, ColumnsOf(*claim.GetDescriptor()), {})[5].text.substr(0, 10);
  };
  EXPECT_EQ(due(claims::v1::Claim::STATE_AWAITING_EVIDENCE), "2026-09-01");
  EXPECT_EQ(due(claims::v1::Claim::STATE_VERIFYING), "2026-09-02");
  EXPECT_EQ(due(claims::v1::Claim::STATE_APPROVED), "2026-09-03");
  EXPECT_EQ(due(claims::v1::Claim::STATE_RESOLVED), "");
  EXPECT_EQ(due(claims::v1::Claim::STATE_REJECTED), "") << "an appeal may come, it need not";
  claim.set_resolution(base::v1::RESOLUTION_KIND_WITHDRAWAL);
  EXPECT_EQ(due(claims::v1::Claim::STATE_RESOLVING), "") << "it has a term of its own (CLM-08)";
  claim.add_refused_calls()->mutable_refuse_time()->set_seconds(1'788'134'400);
  EXPECT_EQ(due(claims::v1::Claim::STATE_RESOLVING), "2026-08-31")
      << "what was refused is due at once (SYS-13)";
}

TEST(ViewTest, SYS_13_AClaimThatWasRefusedWhatItAskedForIsSeenInAList) {
  claims::v1::Claim claim;
  claim.set_claim_id("clm-1");
  const std::vector<Column> columns = ColumnsOf(*claim.GetDescriptor());
  const auto titles = [&](const claims::v1::Claim& shown) {
    Table table = TableOf(columns);
    table.AddCells(RowOf(shown, columns, {}));
    return table.Lines(0, false).front();
  };
  EXPECT_THAT(titles(claim), Not(HasSubstr("refused")));
  claims::v1::RefusedCall& grant = *claim.add_refused_calls();
  grant.set_call(base::v1::CALL_KIND_GRANT_REFUND);
  grant.set_rule_id("RFD-02");
  grant.set_reason("more than is left");
  EXPECT_THAT(titles(claim), HasSubstr("refused calls"));
  EXPECT_EQ(RowOf(claim, columns, {}).back().text, "grant_refund RFD-02");
}

// The column says what lists by urgency go by.
TEST(ViewTest, CLM_03_CLM_04_WhatIsDueIsWhatAListByUrgencyGoesBy) {
  claims::v1::Claim claim;
  claim.mutable_evidence_due_time()->set_seconds(1'788'220'800);
  claim.mutable_window_due_time()->set_seconds(1'788'307'200);
  claim.mutable_appeal_until_time()->set_seconds(1'788'350'000);
  claim.mutable_resolution_due_time()->set_seconds(1'788'393'600);
  const google::protobuf::EnumDescriptor& states = *claims::v1::Claim::State_descriptor();
  for (int i = 1; i < states.value_count(); ++i) {
    claim.set_state(static_cast<claims::v1::Claim::State>(states.value(i)->number()));
    for (const auto resolution :
         {base::v1::RESOLUTION_KIND_UNSPECIFIED, base::v1::RESOLUTION_KIND_WITHDRAWAL}) {
      claim.set_resolution(resolution);
      const rules::RecordColumns columns = rules::RecordTraits<claims::v1::Claim>::Columns(claim);
      const std::string due = ValueAt(claim, "due", {absl::UTCTimeZone(), true});
      EXPECT_EQ(due, columns.due == absl::InfiniteFuture()
                         ? ""
                         : absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", columns.due, absl::UTCTimeZone()))
          << states.value(i)->name();
    }
  }
}

TEST(ViewTest, NothingIsDueOfWhatIsDone) {
  payments::v1::Refund refund;
  refund.mutable_due_time()->set_seconds(1'788'220'800);
  notifications::v1::Notice notice;
  notice.mutable_due_time()->set_seconds(1'788'220'800);
  payments::v1::CreditNote note;
  note.mutable_due_time()->set_seconds(1'788'220'800);
  const auto due = [](const google::protobuf::Message& message) {
    return ValueAt(message, "due", {}).substr(0, 10);
  };
  refund.set_state(payments::v1::Refund::STATE_FAILED);
  notice.set_state(notifications::v1::Notice::STATE_PENDING);
  note.set_state(payments::v1::CreditNote::STATE_REQUESTED);
  EXPECT_EQ(due(refund), "2026-09-01");
  EXPECT_EQ(due(notice), "2026-09-01");
  EXPECT_EQ(due(note), "2026-09-01");
  refund.set_state(payments::v1::Refund::STATE_SETTLED);
  notice.set_state(notifications::v1::Notice::STATE_SENT);
  note.set_state(payments::v1::CreditNote::STATE_ISSUED);
  EXPECT_EQ(due(refund), "");
  EXPECT_EQ(due(notice), "");
  EXPECT_EQ(due(note), "");
}

TEST(ViewTest, EveryDeclaredColumnIsAField) {
  for (const google::protobuf::Descriptor* type :
       {orders::v1::Order::descriptor(), orders::v1::OrderLine::descriptor(), claims::v1::Claim::descriptor(),
        notifications::v1::Notice::descriptor(), notifications::v1::ChatMessage::descriptor(),
        claims::v1::Evidence::descriptor(), orders::v1::Drift::descriptor(),
        connectors::v1::ReportVerdict::descriptor()}) {
    for (const Column& column : ColumnsOf(*type)) {
      if (column.path == "due") continue;  // one of several
      EXPECT_NE(type->FindFieldByName(column.path), nullptr) << type->name() << "." << column.path;
    }
  }
}

TEST(ViewTest, ORD_10_TheTimelineSaysOfWhichCaseAndByWhom) {
  orders::v1::TimelineEntry entry;
  entry.set_text("Your claim was approved.");
  entry.mutable_event()->set_case_id("clm-1");
  entry.mutable_event()->mutable_actor()->set_role(base::v1::ROLE_OPERATIONS);
  entry.mutable_event()->mutable_actor()->set_actor_id("o-1");
  const std::vector<Table::Cell> row = RowOf(entry, ColumnsOf(*entry.GetDescriptor()), {});
  ASSERT_EQ(row.size(), 5U);
  EXPECT_EQ(row[2].text, "clm-1");
  EXPECT_EQ(row[3].text, "operations o-1");
  EXPECT_EQ(row[4].text, "Your claim was approved.");
}

TEST(ViewTest, FactsNameEverythingThatIsSet) {
  orders::v1::Order order;
  order.set_order_id("M-1");
  order.add_holds()->set_name(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  order.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_UNPAID);
  EXPECT_THAT(FactsOf(order, Extent::kSet, {}),
              ElementsAre(Pair("order_id", "M-1"), Pair("holds[0].name", "stock_shortage"),
                          Pair("cancellation.reason", "unpaid")));
}

TEST(ViewTest, AllFactsHaveZerosAndFalseAsJsonHas) {
  const ValueStyle for_scripts = {absl::UTCTimeZone(), true};
  orders::v1::Figure figure;
  figure.set_rule_id("KPI-01");
  EXPECT_THAT(FactsOf(figure, Extent::kAll, for_scripts),
              AllOf(Contains(Pair("numerator", "0")), Contains(Pair("value_basis_points", "0"))));
  base::v1::AvailableAction action;
  EXPECT_THAT(FactsOf(action, Extent::kAll, for_scripts), Contains(Pair("allowed", "no")));
  action.set_allowed(true);
  EXPECT_THAT(FactsOf(action, Extent::kAll, for_scripts), Contains(Pair("allowed", "yes")));
  connectors::v1::ImportReport report;
  (*report.mutable_by_status())["shipped"].set_accepted(2);
  report.set_seconds(1.5);
  EXPECT_THAT(FactsOf(report, Extent::kAll, for_scripts),
              AllOf(Contains(Pair("by_status[shipped].rejected", "0")), Contains(Pair("seconds", "1.5")),
                    Contains(Pair("rejects_path", ""))));
  EXPECT_THAT(FactsOf(claims::v1::Claim(), Extent::kAll, for_scripts), Not(Contains(Pair("submit_time", ""))))
      << "what may be absent and is";
}

TEST(ViewTest, FactsOfAMapAreCalledByTheirKeysInOrder) {
  connectors::v1::ImportReport report;
  (*report.mutable_by_status())["shipped"].set_accepted(2);
  (*report.mutable_by_status())["delivered"].set_rejected(1);
  (*report.mutable_by_rule())["ORD-02"] = 1;
  EXPECT_THAT(FactsOf(report, Extent::kSet, {}),
              ElementsAre(Pair("by_status[delivered].rejected", "1"),
                          Pair("by_status[shipped].accepted", "2"), Pair("by_rule[ORD-02]", "1")));
}

std::string Printed(const google::protobuf::Message& message) {
  ::testing::internal::CaptureStdout();
  PrintForPeople(message, {});
  return ::testing::internal::GetCapturedStdout();
}

TEST(ViewTest, LabelsSayEachWordOnce) {
  orders::v1::Order order;
  order.mutable_correction()->set_correction_id("cor-1");
  order.mutable_correction()->mutable_report_time()->set_seconds(1'788'220'800);
  EXPECT_EQ(Printed(order), "correction           cor-1\ncorrection reported  2026-09-01 00:00 +00:00\n");
  claims::v1::Claim claim;
  claim.mutable_submit_time()->set_seconds(1'788'220'800);
  EXPECT_THAT(Printed(claim), StartsWith("submitted  2026-"));
}

TEST(ViewTest, AListThatStandsFirstHasNoEmptyLineBeforeIt) {
  payments::v1::ListLedgerEntriesResponse entries;
  entries.add_entries()->set_entry_id("e-1");
  EXPECT_THAT(Printed(entries), StartsWith("entries\n"));
}

TEST(ViewTest, SYS_09_WhatWasErasedIsToldSo) {
  claims::v1::Claim claim;
  claim.add_evidence()->set_evidence_id("e-1");
  EXPECT_THAT(Printed(claim), Not(HasSubstr("erased")));
  claim.mutable_evidence(0)->mutable_erase_time()->set_seconds(1'788'220'800);
  EXPECT_THAT(Printed(claim), AllOf(HasSubstr("erased"), HasSubstr("2026-09-01 00:00")));
  notifications::v1::ChatMessage message;
  message.mutable_erase_time()->set_seconds(1'788'220'800);
  EXPECT_EQ(ValueAt(message, "text", {}), "(erased)");
  EXPECT_EQ(ValueAt(message, "text", {absl::UTCTimeZone(), true}), "") << "scripts have erase_time in JSON";
}

TEST(ViewTest, EvidenceTellsItsSizeAndTime) {
  claims::v1::Evidence evidence;
  evidence.set_content_type("image/jpeg");
  evidence.mutable_time()->set_seconds(1'788'220'800);
  const auto row = [&evidence](int64_t bytes, const ValueStyle& style) {
    evidence.set_size_bytes(bytes);
    const std::vector<Table::Cell> cells = RowOf(evidence, ColumnsOf(*evidence.GetDescriptor()), style);
    return std::vector<std::string>{cells[1].text, cells[2].text, cells[3].text};
  };
  EXPECT_THAT(row(999, {}), ElementsAre("image/jpeg", "999 B", "2026-09-01 00:00 +00:00"));
  EXPECT_EQ(row(12'345, {})[1], "12.3 kB");
  EXPECT_EQ(row(999'950, {})[1], "1.0 MB");
  EXPECT_EQ(row(2'147'483'648, {})[1], "2.1 GB");
  EXPECT_EQ(row(12'345, {absl::UTCTimeZone(), true})[1], "12345") << "scripts count themselves";
}

}  // namespace
}  // namespace makegood::ctl
