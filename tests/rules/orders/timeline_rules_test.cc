#include "common/rules/orders/timeline_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rules/orders/timeline_words.h"
#include "tests/support/rules_support.h"

namespace makegood::rules {
namespace {

using events::v1::Event;
using testing::At;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::NamesField;

// What an English customer is told.
std::string Told(const Event& event) {
  const absl::StatusOr<std::string> words = CustomerWords(event, {"en", "Europe/Prague"});
  EXPECT_THAT(words, IsOk());
  return words.value_or("");
}

Event About(absl::string_view order_id) {
  Event event;
  event.set_order_id(std::string(order_id));
  *event.mutable_time() = ToTimestamp(At("2026-09-01T08:00+02:00"));
  return event;
}

Event Delivered() {
  Event event = About("o-1");
  event.mutable_order_delivered();
  return event;
}

Event Incident() {
  Event event = About("o-1");
  event.mutable_compliance_incident_raised()->set_payment_id("pay-1");
  return event;
}

TEST(TimelineRules, ORD_10_EveryServicesEventsInArrivalOrder) {
  testing::Desk desk(At("2026-09-01T10:00+02:00"));
  desk.As(testing::Service());
  ASSERT_THAT(desk.Decide(AppendToTimeline, absl::string_view("orders"), Delivered()), IsOk());
  ASSERT_THAT(desk.Decide(AppendToTimeline, absl::string_view("payments"), Incident()), IsOk());
  Event other = About("o-2");
  other.mutable_order_opened();
  ASSERT_THAT(desk.Decide(AppendToTimeline, absl::string_view("orders"), other), IsOk());
  Event unrelated = About("");
  ASSERT_THAT(desk.Decide(AppendToTimeline, absl::string_view("claims"), unrelated), IsOk());

  const std::vector<TimelineEntry> entries = desk.All<TimelineEntry>();
  ASSERT_EQ(entries.size(), 3u);
  EXPECT_EQ(entries[0].index(), 1);
  EXPECT_EQ(entries[0].source(), "orders");
  EXPECT_EQ(entries[0].text(), "") << "words are made when it is read";
  EXPECT_EQ(ToTime(entries[0].time()), At("2026-09-01T08:00+02:00")) << "when it happened";
  EXPECT_EQ(ToTime(entries[0].create_time()), desk.now()) << "when it arrived";
  EXPECT_EQ(entries[1].index(), 2);
  EXPECT_EQ(entries[1].source(), "payments");
  EXPECT_TRUE(entries[1].event().has_compliance_incident_raised());
  EXPECT_EQ(entries[2].order_id(), "o-2");
  EXPECT_EQ(entries[2].index(), 1);
}

TEST(TimelineRules, ORD_10_ORD_13_OperationsReadWhatAnImportedOrdersSourceGaveBack) {
  Event created = About("o-1");
  const auto money = [](int64_t amount_minor) {
    base::v1::Money money;
    money.set_amount_minor(amount_minor);
    money.set_currency("EUR");
    return money;
  };
  *created.mutable_order_created()->mutable_total() = money(10'000);
  EXPECT_THAT(StaffWords(created), ::testing::Not(HasSubstr("source")));
  events::v1::ImportedRefund& back = *created.mutable_order_created()->mutable_imported_refund();
  back.add_units()->set_quantity(1);
  back.add_units()->set_quantity(2);
  back.set_delivery_fee(true);
  *back.mutable_goodwill() = money(90);
  *back.mutable_over_payment() = money(70);
  EXPECT_THAT(
      StaffWords(created),
      HasSubstr(" At its source was given back: the price of 3 items, the delivery fee, goodwill of 0.90 "
                "EUR, an over-payment of 0.70 EUR."));
}

TEST(TimelineRules, ORD_10_IdsAndColumnsSortAsPlacesDo) {
  EXPECT_LT(TimelineEntryId("o-1", 9), TimelineEntryId("o-1", 10));
  EXPECT_LT(PlaceOfIndex(9), PlaceOfIndex(10));
}

TEST(TimelineRules, ORD_10_AResumeTokenIsOfOneOrdersTimeline) {
  const std::string token = ResumeToken("o-1", 300);
  EXPECT_THAT(IndexOf("o-1", token), IsOkAndHolds(300));
  EXPECT_THAT(IndexOf("o-1", ""), IsOkAndHolds(0));
  EXPECT_THAT(IndexOf("o-2", token), NamesField("resume_token"));
  for (const char* wrong : {"300", "12c", "12c.", "x", ".", "12d.000000000000", "-1.000000000000"}) {
    EXPECT_THAT(IndexOf("o-1", wrong), NamesField("resume_token")) << wrong;
  }
}

TEST(TimelineRules, ROL_11_CustomersAndStoresGetWordsAndOperationsAllOfIt) {
  TimelineEntry told;
  *told.mutable_event() = Delivered();
  TimelineEntry internal;
  *internal.mutable_event() = Incident();
  for (const auto& reader : {testing::Customer(), testing::Manager(), testing::Connector()}) {
    TimelineEntry entry = told;
    EXPECT_THAT(ShowTo(reader, {"cs", "Europe/Prague"}, entry), IsOkAndHolds(true));
    EXPECT_EQ(entry.text(), "Vaše objednávka byla doručena.");
    EXPECT_FALSE(entry.has_event());
    EXPECT_FALSE(entry.resume_token().empty());
    entry = internal;
    EXPECT_THAT(ShowTo(reader, {"cs", "Europe/Prague"}, entry), IsOkAndHolds(false));
  }
  for (const auto& reader : {testing::Operations(), testing::Auditor(), testing::Service()}) {
    TimelineEntry entry = internal;
    EXPECT_THAT(ShowTo(reader, {"en", "Europe/Prague"}, entry), IsOkAndHolds(true));
    EXPECT_TRUE(entry.has_event());
    EXPECT_EQ(entry.text(), "A payment went where it may not: a compliance incident.");
  }
}

TEST(TimelineRules, NTF_01_CustomersReadTheOrdersLanguageStoresThePolicysAndOperationsEnglish) {
  Order order;
  order.set_language("sl");
  const Policy& mall = **testing::ShippedPolicies().Current("mall");
  EXPECT_EQ(LocaleOf(testing::Customer(), order, mall).language, "sl");
  EXPECT_EQ(LocaleOf(testing::Manager(), order, mall).language, "cs");
  EXPECT_EQ(LocaleOf(testing::Operations(), order, mall).language, "en");
  EXPECT_EQ(LocaleOf(testing::Auditor(), order, mall).language, "en");
  EXPECT_EQ(LocaleOf(testing::Customer(), order, mall).time_zone, "Europe/Prague");
}

TEST(TimelineRules, ORD_10_AnEntryOfBeforeIsReadInTheCustomersLanguageAndKeepsWordsThatItsEventLacks) {
  TimelineEntry entry;
  entry.set_text("Your order was delivered.");
  *entry.mutable_event() = Delivered();
  EXPECT_THAT(ShowTo(testing::Customer(), {"tr", "Europe/Istanbul"}, entry), IsOkAndHolds(true));
  EXPECT_EQ(entry.text(), "Siparişiniz teslim edildi.");
  entry.set_text("We did something.");
  entry.clear_event();
  EXPECT_THAT(ShowTo(testing::Customer(), {"tr", "Europe/Istanbul"}, entry), IsOkAndHolds(true));
  EXPECT_EQ(entry.text(), "We did something.");
}

// What customers are not told: matters between merchant and marketplace, and how messages travel.
TEST(TimelineRules, ORD_10_InternalEventsHaveNoCustomerWords) {
  const std::vector<std::string> internal = {
      "correction_numbered",
      "correction_settled",
      "return_document_created",
      "credit_note_requested",
      "credit_note_issued",
      "compliance_incident_raised",
      "refund_failed",
      "notice_sent",
      "notice_failed",
      "hold_released",
      "order_paid",
      "call_refused",
      "call_retried",
      "resolution_due_settled",
      "credit_note_overdue",
      "withdrawal_overdue",
      "refund_grant_closed",
      "recovery_ended",
      "nothing_due",
      "address_unanswered",
      "work_changed",
      "work_assigned",
      "work_put_off",
      "pick_recorded",
      "incident_overdue",
      "supplier_asked",
      "supplier_answered",
      "order_line_added",
      "handover_refused",
      "late_report",
      "offer_delisted",
      "offer_relisted",
      "stock_low",
      "stock_stale",
      "stock_confirmed",
      "stock_negative",
  };
  const auto* descriptor = Event::descriptor();
  const auto* payloads = descriptor->FindOneofByName("payload");
  // Facts that are told only when they show: see the next test.
  const std::vector<std::string> conditional = {
      "hold_placed",          "document_issued", "refund_granted",    "surcharge_moved",
      "claim_window_settled", "incident_closed", "courier_dispatched"};
  const auto is_in = [](const std::vector<std::string>& list, const std::string& name) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (int i = 0; i < payloads->field_count(); ++i) {
    Event event;
    event.GetReflection()->MutableMessage(&event, payloads->field(i));
    const std::string name = payloads->field(i)->name();
    const bool silent = is_in(internal, name) || is_in(conditional, name);
    EXPECT_EQ(Told(event).empty(), silent) << name << ": " << Told(event);
  }
}

TEST(TimelineRules, RFD_09_RFD_10_ARefundSaysWhatItWaitsForAndWhatIsSetOff) {
  Event event;
  auto& granted = *event.mutable_refund_granted();
  granted.mutable_amount()->set_currency("EUR");
  *granted.mutable_returned() = granted.amount();
  granted.mutable_amount()->set_amount_minor(10'000);
  EXPECT_EQ(Told(event), "You still owed €100.00, which is not asked for any more.");
  granted.mutable_returned()->set_amount_minor(4'000);
  EXPECT_EQ(Told(event),
            "A refund of €40.00 was granted. You still owed €60.00, which is not asked for any more.");
  granted.mutable_returned()->set_amount_minor(10'000);
  granted.set_awaits_cash(true);
  EXPECT_EQ(Told(event),
            "A refund of €100.00 was granted; it is paid once your payment to the courier has reached us.");
  granted.set_awaits_goods(true);
  EXPECT_THAT(Told(event), HasSubstr("once the goods are back and your payment"));
  granted.set_awaits_cash(false);
  EXPECT_THAT(Told(event), HasSubstr("once the goods are back."));
}

TEST(TimelineRules, CAL_03_ACustomerHearsOfDatesThatMoveOnlyWhereTheyWereTold) {
  Event event;
  auto& settled = *event.mutable_claim_window_settled();
  settled.set_announced(true);
  EXPECT_EQ(Told(event), "");
  EXPECT_THAT(StaffWords(event), HasSubstr("stays as it was"));
  settled.set_moved(true);
  EXPECT_THAT(Told(event), HasSubstr("have moved"));
  settled.set_announced(false);
  EXPECT_EQ(Told(event), "");
  EXPECT_THAT(StaffWords(event), HasSubstr("has moved"));
}

TEST(TimelineRules, PAY_02_ASurchargeIsToldOnceItIsVisible) {
  Event event;
  auto& moved = *event.mutable_surcharge_moved();
  moved.set_state(base::v1::SURCHARGE_STATE_PROPOSED);
  moved.mutable_amount()->set_amount_minor(15000);
  moved.mutable_amount()->set_currency("TRY");
  EXPECT_EQ(Told(event), "");
  moved.set_visible(true);
  EXPECT_THAT(Told(event), HasSubstr("TRY\u00a0150.00"));
  event.mutable_hold_placed()->set_hold(base::v1::HOLD_NAME_AWAITING_SURCHARGE);
  EXPECT_EQ(Told(event), "");
  event.mutable_hold_placed()->set_hold(base::v1::HOLD_NAME_STOCK_SHORTAGE);
  EXPECT_NE(Told(event), "");
}

TEST(TimelineRules, PAY_01_NobodyIsAskedForWhatIsPaidAlready) {
  Event event;
  auto& moved = *event.mutable_surcharge_moved();
  moved.set_visible(true);
  moved.set_passing(true);
  moved.set_state(base::v1::SURCHARGE_STATE_APPROVED);
  EXPECT_NE(Told(event), "");
  moved.set_state(base::v1::SURCHARGE_STATE_ISSUED);
  EXPECT_EQ(Told(event), "");
}

TEST(TimelineRules, ORD_10_EveryEventHasWordsForStaff) {
  const google::protobuf::OneofDescriptor& payload = *Event::descriptor()->FindOneofByName("payload");
  ASSERT_GT(payload.field_count(), 40);
  for (int i = 0; i < payload.field_count(); ++i) {
    Event event;
    event.GetReflection()->MutableMessage(&event, payload.field(i));
    EXPECT_THAT(StaffWords(event), ::testing::EndsWith("."))
        << payload.field(i)->name() << " has no sentence";
  }
}

TEST(TimelineRules, ROL_08_StaffReadWhereTheCustomersWordIsOnRecord) {
  Event chosen;
  chosen.mutable_resolution_chosen()->set_resolution(base::v1::RESOLUTION_KIND_REFUND);
  Event appealed;
  appealed.mutable_claim_appealed();
  Event retracted;
  retracted.mutable_claim_retracted();
  Event withdrawn;
  withdrawn.mutable_withdrawal_opened();
  Event declined;
  declined.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_DECLINED);
  for (Event* const event : {&chosen, &appealed, &retracted, &withdrawn, &declined}) {
    EXPECT_THAT(StaffWords(*event), ::testing::Not(HasSubstr("on the customer's word")));
  }
  chosen.mutable_resolution_chosen()->set_customer_word("call-1");
  appealed.mutable_claim_appealed()->set_customer_word("call-1");
  retracted.mutable_claim_retracted()->set_customer_word("call-1");
  withdrawn.mutable_withdrawal_opened()->set_customer_word("call-1");
  declined.mutable_surcharge_moved()->set_customer_word("call-1");
  for (Event* const event : {&chosen, &appealed, &retracted, &withdrawn, &declined}) {
    EXPECT_THAT(StaffWords(*event), HasSubstr("Operations did it on the customer's word, call-1."));
    EXPECT_THAT(Told(*event), ::testing::Not(HasSubstr("call-1")));
  }
}

TEST(TimelineRules, PAY_05_ACustomerReadsThatAPaymentElsewhereDoesNotCount) {
  Event event;
  event.mutable_payment_recorded()->mutable_amount()->set_amount_minor(15'000);
  event.mutable_payment_recorded()->mutable_amount()->set_currency("TRY");
  EXPECT_EQ(Told(event),
            "A payment of TRY\u00a0150.00 went to another account than the store's, and does not count.");
  event.mutable_payment_recorded()->set_accepted(true);
  EXPECT_EQ(Told(event), "We received your payment of TRY\u00a0150.00.");
}

}  // namespace
}  // namespace makegood::rules
