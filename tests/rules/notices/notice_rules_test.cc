// What events cause: who is told, by which way, once.
#include <rapidcheck/gtest.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "tests/rules/notices/notice_fixture.h"

namespace makegood::notices_test {
namespace {

TEST_F(NoticeRulesTest, AVL_04_AnAllUnavailableCancellationIsToldByChatAndOneEmail) {
  OrderComesIn();
  ASSERT_THAT(React(Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE))), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("order_cancelled_unavailable"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), ElementsAre("order_cancelled_unavailable"));
  EXPECT_THAT(desk_.Tasks(rules::kSendEmailTask), SizeIs(1));
  ASSERT_THAT(desk_.All<ChatMessage>(), SizeIs(1));
  EXPECT_THAT(desk_.All<ChatMessage>()[0].text(), HasSubstr("žádné zboží z vaší objednávky o-77"));

  // The refund that follows is no second letter.
  Event refund;
  refund.mutable_refund_granted()->set_reason(base::v1::REFUND_REASON_CANCELLATION);
  refund.mutable_refund_granted()->mutable_amount()->set_amount_minor(12000);
  refund.mutable_refund_granted()->mutable_amount()->set_currency("EUR");
  ASSERT_THAT(React(Now(refund, "mall", "evt-2")), IsOk());
  EXPECT_THAT(desk_.Tasks(rules::kSendEmailTask), SizeIs(1));
  EXPECT_THAT(desk_.All<ChatMessage>(), SizeIs(2));
}

TEST_F(NoticeRulesTest, NTF_04_TheSameEventSeenAgainAddsNothing) {
  OrderComesIn();
  const Event event = Now(Cancelled(base::v1::CANCEL_REASON_OTHER));
  ASSERT_THAT(React(event), IsOk());
  const auto records = desk_.records();
  const size_t events = desk_.events().size();
  for (int again = 0; again < 3; ++again) {
    desk_.Advance(absl::Hours(1));
    ASSERT_THAT(React(event), IsOk());
  }
  EXPECT_EQ(desk_.records().size(), records.size());
  EXPECT_EQ(desk_.events().size(), events);
  EXPECT_THAT(desk_.Tasks(rules::kSendEmailTask), SizeIs(1));
}

TEST_F(NoticeRulesTest, NTF_04_AnotherEventOfTheSameKindIsToldOnItsOwn) {
  OrderComesIn();
  Event failed;
  failed.mutable_refund_failed()->mutable_amount()->set_currency("CZK");
  ASSERT_THAT(React(Now(failed, "mall", "evt-1")), IsOk());
  ASSERT_THAT(React(Now(failed, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("refund_failed", "refund_failed"));
}

TEST_F(NoticeRulesTest, ORD_13_ImportedHistoryCausesNoMessageButItsLaterProblemsDo) {
  OrderComesIn("sl", /*imported=*/true);
  Event delivered;
  *delivered.mutable_order_delivered()->mutable_delivered_time() = rules::ToTimestamp(desk_.now());
  delivered.set_imported(true);
  ASSERT_THAT(React(Now(delivered)), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty());
  EXPECT_THAT(desk_.events(), IsEmpty());

  Event claim;
  claim.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_MISSING);
  claim.mutable_claim_opened()->set_line_count(1);
  ASSERT_THAT(React(Now(claim, "mall", "evt-2")), IsOk());
  EXPECT_EQ(OnlyNotice(base::v1::CHANNEL_CHAT).language(), "sl");
}

TEST_F(NoticeRulesTest, NTF_01_BeforeTheOrderIsKnownItsEventsWait) {
  const Event event = Now(Cancelled(base::v1::CANCEL_REASON_OTHER));
  EXPECT_THAT(React(event), StatusIs(absl::StatusCode::kUnavailable));
  OrderComesIn();
  EXPECT_THAT(React(event), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), SizeIs(2));
}

TEST_F(NoticeRulesTest, NTF_01_TheFirstNoticeIsDueInThePolicysMinutes) {
  OrderComesIn();
  const absl::Time caused = desk_.now();
  const Event event = Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE));
  ASSERT_THAT(React(event), IsOk());
  EXPECT_EQ(rules::ToTime(OnlyNotice(base::v1::CHANNEL_CHAT).due_time()), caused + absl::Hours(2));
  ASSERT_THAT(desk_.last_events(), SizeIs(1));
  EXPECT_EQ(desk_.last_events()[0].notice_sent().first_notice(), base::v1::SLA_OUTCOME_MET);

  // The e-mail that goes out at the last moment is in time, one after it is not.
  const Notice email = OnlyNotice(base::v1::CHANNEL_EMAIL);
  const auto sent_at = [&](absl::Time time) {
    Desk desk = desk_;
    desk.MoveTo(time);
    EXPECT_THAT(
        desk.Decide([&](rules::Transaction& tx) { return rules::MarkSent(email.notice_id(), "<m@x>", tx); }),
        IsOk());
    return desk.last_events().at(0).notice_sent().first_notice();
  };
  EXPECT_EQ(sent_at(caused + absl::Hours(2)), base::v1::SLA_OUTCOME_MET);
  EXPECT_EQ(sent_at(caused + absl::Hours(2) + absl::Seconds(1)), base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(NoticeRulesTest, NTF_01_AFirstNoticeLateForItsEventIsMarkedMissed) {
  OrderComesIn();
  const Event event = Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE));
  desk_.Advance(absl::Hours(3));
  ASSERT_THAT(React(event), IsOk());
  EXPECT_EQ(desk_.last_events().at(0).notice_sent().first_notice(), base::v1::SLA_OUTCOME_MISSED);
}

TEST_F(NoticeRulesTest, NTF_01_CustomersReadTheirLanguageTheOthersThePolicysFirst) {
  OrderComesIn("en");
  Event paid;
  paid.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_PAID);
  paid.mutable_surcharge_moved()->set_visible(true);
  paid.mutable_surcharge_moved()->mutable_amount()->set_currency("CZK");
  ASSERT_THAT(React(Now(paid)), IsOk());
  for (const Notice& notice : desk_.All<Notice>()) {
    EXPECT_EQ(notice.language(), notice.recipient() == kCustomer ? "en" : "cs");
  }
}

TEST_F(NoticeRulesTest, NTF_01_ALanguageThePolicyDoesNotWriteFallsBackToItsFirst) {
  OrderComesIn("zh");
  ASSERT_THAT(React(Now(Cancelled(base::v1::CANCEL_REASON_OTHER))), IsOk());
  EXPECT_EQ(OnlyNotice(base::v1::CHANNEL_EMAIL).language(), "cs");
}

TEST_F(NoticeRulesTest, ORD_04_TheInvoiceIsSentByEmailOnce) {
  OrderComesIn();
  Event invoice;
  invoice.mutable_document_issued()->set_kind(base::v1::DOCUMENT_KIND_SALES_INVOICE);
  invoice.mutable_document_issued()->set_document_id("doc-1");
  invoice.mutable_document_issued()->mutable_amount()->set_currency("CZK");
  for (int again = 0; again < 2; ++again) ASSERT_THAT(React(Now(invoice)), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("sales_invoice"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_CHAT), IsEmpty());
}

TEST_F(NoticeRulesTest, ORD_04_OtherDocumentsAreSentToNobody) {
  OrderComesIn();
  Event document;
  document.mutable_document_issued()->set_kind(base::v1::DOCUMENT_KIND_SETTLEMENT_CLAIM);
  ASSERT_THAT(React(Now(document)), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty());
}

TEST_F(NoticeRulesTest, PAY_01_ASurchargePaidBeforeItWasAskedForIsOnlyToldAsPaid) {
  OrderComesIn();
  for (const auto state : {base::v1::SURCHARGE_STATE_APPROVED, base::v1::SURCHARGE_STATE_ISSUED,
                           base::v1::SURCHARGE_STATE_PAID}) {
    Event moved;
    moved.mutable_surcharge_moved()->set_state(state);
    moved.mutable_surcharge_moved()->set_visible(true);
    moved.mutable_surcharge_moved()->set_passing(state != base::v1::SURCHARGE_STATE_PAID);
    moved.mutable_surcharge_moved()->mutable_amount()->set_currency("CZK");
    ASSERT_THAT(React(Now(moved)), IsOk());
  }
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("surcharge_paid"));
}

TEST_F(NoticeRulesTest, PAY_02_CustomersHearOfASurchargeOnlyWhenItIsVisible) {
  OrderComesIn();
  Event proposed;
  proposed.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_PROPOSED);
  proposed.mutable_surcharge_moved()->mutable_amount()->set_currency("CZK");
  ASSERT_THAT(React(Now(proposed)), IsOk());
  EXPECT_THAT(desk_.All<Notice>(), IsEmpty());
  proposed.mutable_surcharge_moved()->set_visible(true);
  ASSERT_THAT(React(Now(proposed, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("surcharge_proposed"));
}

TEST_F(NoticeRulesTest, CLM_03_AnOverdueClaimIsToldToItsCustomerAndOperations) {
  OrderComesIn("zh", false, "tmall");
  Event overdue;
  *overdue.mutable_claim_overdue()->mutable_due_time() = rules::ToTimestamp(At("2026-11-13T00:00+08:00"));
  ASSERT_THAT(React(Now(overdue, "tmall")), IsOk());
  EXPECT_THAT(Told(kOperations, base::v1::CHANNEL_EMAIL), ElementsAre("claim_overdue_operations"));
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("claim_overdue"));
  EXPECT_THAT(desk_.All<ChatMessage>().at(0).text(), HasSubstr("2026年11月12日"));
}

TEST_F(NoticeRulesTest, CLM_13_AClaimApprovedByPolicyIsToldOnce) {
  OrderComesIn();
  Event opened;
  opened.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_MISSING);
  opened.mutable_claim_opened()->set_line_count(1);
  ASSERT_THAT(React(Now(opened)), IsOk());
  Event approved;
  approved.mutable_claim_approved()->set_kind(base::v1::CLAIM_KIND_MISSING);
  ASSERT_THAT(React(Now(approved, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kCustomer, base::v1::CHANNEL_EMAIL), ElementsAre("claim_opened_approved"));
}

TEST_F(NoticeRulesTest, CLM_02_AClaimThatWaitsForEvidenceAsksForItInThePolicysDays) {
  OrderComesIn("en", false, "tmall");
  Event opened;
  opened.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_DAMAGED);
  opened.mutable_claim_opened()->set_line_count(2);
  opened.mutable_claim_opened()->set_awaits_evidence(true);
  ASSERT_THAT(React(Now(opened, "tmall")), IsOk());
  const int days =
      (*testing::ShippedPolicies().Current("tmall"))->claims().verification().evidence_within_days();
  EXPECT_THAT(desk_.All<ChatMessage>(),
              ::testing::Contains(::testing::Property(&ChatMessage::text,
                                                      HasSubstr(absl::StrCat("within ", days, " days")))));
}

TEST_F(NoticeRulesTest, CLM_05_AReshipAsksTheMerchant) {
  OrderComesIn();
  Event chosen;
  chosen.mutable_resolution_chosen()->set_resolution(base::v1::RESOLUTION_KIND_RESHIP);
  ASSERT_THAT(React(Now(chosen)), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), ElementsAre("reship_requested"));
  chosen.mutable_resolution_chosen()->set_resolution(base::v1::RESOLUTION_KIND_REFUND);
  ASSERT_THAT(React(Now(chosen, "mall", "evt-2")), IsOk());
  EXPECT_THAT(Told(kMerchant, base::v1::CHANNEL_CHAT), SizeIs(1));
}

TEST_F(NoticeRulesTest, RFD_05_TheCreditNoteRequestNamesOrderReturnNumberAmountAndDate) {
  OrderComesIn("en", false, "default");
  Event requested;
  events::v1::CreditNoteRequested& note = *requested.mutable_credit_note_requested();
  note.set_return_number("4712345678");
  note.mutable_amount()->set_amount_minor(2700);
  note.mutable_amount()->set_currency("EUR");
  *note.mutable_due_time() = rules::ToTimestamp(At("2026-09-16T00:00+00:00"));
  ASSERT_THAT(React(Now(requested, "default")), IsOk());
  const std::string text = desk_.All<ChatMessage>().at(0).text();
  for (const char* part : {"o-77", "4712345678", "€27.00", "September 15, 2026"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

// Every row is reached by an event, and tells in the channels its policy has.
TEST_F(NoticeRulesTest, NTF_05_EveryRowOfTheTableReachesItsRecipient) {
  OrderComesIn("en", false, "tmall");
  const rules::Policy& policy = **testing::ShippedPolicies().Current("tmall");
  for (const rules::NoticeRule& rule : rules::NoticeRules()) {
    const Event event = Now(SampleFor(rule), "tmall", absl::StrCat("evt-", rule.template_name));
    ASSERT_THAT(React(event), IsOk()) << rule.template_name;
    for (const base::v1::Channel channel : rules::ChannelsOf(rule, policy)) {
      EXPECT_THAT(Told(rule.recipient, channel), ::testing::Contains(std::string(rule.template_name)));
    }
  }
}

TEST_F(NoticeRulesTest, SYS_09_ANoticeHoldsTheEventsFieldsAndTasksHoldItsIdOnly) {
  OrderComesIn();
  ASSERT_THAT(React(Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE))), IsOk());
  const Notice notice = OnlyNotice(base::v1::CHANNEL_EMAIL);
  std::vector<std::string> names;
  for (const auto& [name, argument] : notice.arguments()) names.push_back(name);
  EXPECT_THAT(names, UnorderedElementsAre("initiator", "reason", "merchant_caused", "counted", "was_open",
                                          "trouble"));
  notifications::v1::SendEmail payload;
  ASSERT_TRUE(payload.ParseFromString(desk_.Tasks(rules::kSendEmailTask).at(0).payload));
  EXPECT_EQ(payload.contact_id(), "con-1");
  EXPECT_EQ(payload.notice_id(), notice.notice_id());
}

TEST_F(NoticeRulesTest, NTF_05_WhatCannotBeDeliveredIsVisibleAndCanBeTriedAgain) {
  OrderComesIn();
  ASSERT_THAT(React(Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE))), IsOk());
  const std::string id = OnlyNotice(base::v1::CHANNEL_EMAIL).notice_id();
  notifications::v1::RetryNoticeRequest retry;
  retry.set_notice_id(id);
  EXPECT_THAT(desk_.As(Operations()).Decide(rules::RetryNotice, retry), RefusedBy("NTF-05"));

  const auto fail = [&](rules::Transaction& tx) {
    return rules::MarkFailed(id, Notice::FAILURE_NO_ADDRESS, tx);
  };
  ASSERT_THAT(desk_.As(Service()).Complete("send-email:" + id, fail), IsOk());
  EXPECT_EQ(desk_.Find<Notice>(id)->state(), Notice::STATE_FAILED);
  ASSERT_THAT(desk_.last_events(), SizeIs(1));
  EXPECT_EQ(desk_.last_events()[0].notice_failed().notice_id(), id);
  EXPECT_THAT(desk_.Tasks(rules::kSendEmailTask), IsEmpty());

  EXPECT_THAT(desk_.As(Operations()).Expecting(1).Decide(rules::RetryNotice, retry),
              StatusIs(absl::StatusCode::kAborted));              // SYS-04
  EXPECT_THAT(desk_.Preview(rules::RetryNotice, retry), IsOk());  // SYS-03
  EXPECT_EQ(desk_.Find<Notice>(id)->state(), Notice::STATE_FAILED);
  const absl::StatusOr<Notice> retried = desk_.Decide(rules::RetryNotice, retry);
  ASSERT_THAT(retried, IsOk());
  EXPECT_EQ(retried->state(), Notice::STATE_PENDING);
  EXPECT_FALSE(retried->available_actions(0).allowed());
  EXPECT_EQ(retried->available_actions(0).rule_id(), "NTF-05");
  EXPECT_THAT(desk_.Tasks(rules::kSendEmailTask), SizeIs(1));
}

TEST_F(NoticeRulesTest, NTF_04_ANoticeThatIsSentStaysSentAndIsAnnouncedOnce) {
  OrderComesIn();
  ASSERT_THAT(React(Now(Cancelled(base::v1::CANCEL_REASON_UNAVAILABLE))), IsOk());
  const std::string id = OnlyNotice(base::v1::CHANNEL_EMAIL).notice_id();
  const auto send = [&](rules::Transaction& tx) { return rules::MarkSent(id, "<id@example.com>", tx); };
  const auto fail = [&](rules::Transaction& tx) {
    return rules::MarkFailed(id, Notice::FAILURE_REFUSED, tx);
  };
  ASSERT_THAT(desk_.Decide(send), IsOk());
  const size_t announced = desk_.events().size();
  ASSERT_THAT(desk_.Decide(send), IsOk());
  ASSERT_THAT(desk_.Decide(fail), IsOk());
  EXPECT_EQ(desk_.events().size(), announced);
  EXPECT_EQ(desk_.Find<Notice>(id)->state(), Notice::STATE_SENT);
  EXPECT_EQ(desk_.Find<Notice>(id)->message_id(), "<id@example.com>");
}

TEST_F(NoticeRulesTest, ORD_09_OnlyOperationsMayRetryAndOnlyWhatFailed) {
  Notice notice;
  notice.set_state(Notice::STATE_FAILED);
  rules::FillActions(notice, Operations(), desk_.now(), testing::ShippedPolicies());
  EXPECT_TRUE(notice.available_actions(0).allowed());
  rules::FillActions(notice, Auditor(), desk_.now(), testing::ShippedPolicies());
  EXPECT_FALSE(notice.available_actions(0).allowed());
  EXPECT_THAT(notice.available_actions(), SizeIs(1));
}

// However often and in whatever order events come, one message a (case, template, event).
RC_GTEST_PROP(NoticeRulesProperty, NTF_04_OneMessagePerCaseTemplateEventAndChannel, ()) {
  const std::vector<Event> samples = testing::SampleEvents();
  const auto picks = *rc::gen::container<std::vector<std::pair<size_t, int>>>(
      rc::gen::pair(rc::gen::inRange<size_t>(0, samples.size()), rc::gen::inRange(0, 3)));
  Desk desk(At("2026-09-01T10:00+02:00"));
  const auto react = [&](const Event& event) {
    return desk.As(Service()).Decide(
        [&](rules::Transaction& tx) { return rules::ReactToEvent(Texts(), event, tx); });
  };
  Event created;
  created.mutable_order_created()->set_language("tr");
  RC_ASSERT(react(About(created, "default", desk.now(), "evt-0")).ok());
  for (const auto& [sample, number] : picks) {
    const Event event =
        About(samples[sample], "default", desk.now(), absl::StrCat("evt-", sample, "-", number));
    if (!event.has_order_created()) RC_ASSERT(react(event).ok());
  }
  std::set<std::string> seen;
  for (const Notice& notice : desk.All<Notice>()) {
    RC_ASSERT(seen.insert(absl::StrCat(notice.case_id(), "/", notice.template_name(), "/", notice.event_id(),
                                       "/", notice.channel()))
                  .second);
  }
  // Threads have no gaps.
  std::set<int64_t> places;
  for (const ChatMessage& message : desk.All<ChatMessage>()) places.insert(message.index());
  RC_ASSERT(
      (places.empty() || (*places.begin() == 1 && *places.rbegin() == static_cast<int64_t>(places.size()))));
}

}  // namespace
}  // namespace makegood::notices_test
