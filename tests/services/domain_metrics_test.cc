// The trade's figures as Prometheus sees them: labels, zeros at the start, and counts that agree with the
// events.
#include "services/host/domain_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "tests/metrics/page.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {
namespace {

using events::v1::Event;
using ::testing::HasSubstr;
using ::testing::Not;

class DomainFigures : public ::testing::Test {
 protected:
  // An event of a marketplace, committed.
  void Happen(Event event, const std::string& marketplace = "mall") {
    event.mutable_policy()->set_marketplace(marketplace);
    event.set_order_id("o-12345");
    event.set_customer_id("c-1001");
    if (!event.has_time()) *event.mutable_time() = rules::ToTimestamp(now_);
    store::Committed committed;
    committed.events.push_back({0, 1, event.SerializeAsString()});
    metrics_.Count(committed);
  }

  double Value(const std::string& series) { return ValueOf(PageOf(registry_), series); }

  const absl::Time now_ = At("2026-09-01T10:00+02:00");
  prometheus::Registry registry_;
  services::DomainMetrics metrics_{registry_, ShippedPolicies()};
};

TEST_F(DomainFigures, KPI_07_EverySeriesIsThereAtZeroForEveryMarketplace) {
  for (const char* market : {"mall", "flowwow", "tmall", "default"}) {
    for (const std::string& series :
         {absl::StrCat("makegood_orders_opened_total{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_orders_closed_total{marketplace=\"", market, "\",outcome=\"returned\"}"),
          absl::StrCat("makegood_orders_closed_total{marketplace=\"", market, "\",outcome=\"never_open\"}"),
          absl::StrCat(
              "makegood_orders_cancelled_total{counted=\"true\",initiator=\"merchant\",marketplace=\"",
              market, "\",merchant_caused=\"true\",reason=\"unavailable\"}"),
          absl::StrCat("makegood_returns_total{cause=\"uncollected\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_order_lines_total{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_order_line_errors_total{error=\"wrong\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_claims_opened_total{kind=\"damaged\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_claims_closed_total{kind=\"missing\",marketplace=\"", market,
                       "\",resolution=\"lapsed\"}"),
          absl::StrCat("makegood_claims_overdue_total{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_calls_refused_total{call=\"grant_refund\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_escalations_total{marketplace=\"", market, "\",to=\"operations\"}"),
          absl::StrCat("makegood_sla_outcomes_total{marketplace=\"", market,
                       "\",outcome=\"missed\",sla=\"verification\"}"),
          absl::StrCat("makegood_surcharges_total{marketplace=\"", market, "\",state=\"expired\"}"),
          absl::StrCat("makegood_refunds_total{marketplace=\"", market, "\",outcome=\"failed\"}"),
          absl::StrCat("makegood_refund_seconds_count{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_claim_verification_seconds_count{kind=\"wrong\",marketplace=\"", market,
                       "\"}"),
          absl::StrCat("makegood_resolution_seconds_count{kind=\"missing\",marketplace=\"", market,
                       "\",resolution=\"reship\",subject=\"claim\"}")}) {
      EXPECT_EQ(Value(series), 0) << series;
    }
    EXPECT_GT(Value(absl::StrCat("makegood_policy_target_seconds{marketplace=\"", market,
                                 "\",sla=\"first_notice\"}")),
              0);
  }
  EXPECT_EQ(Value("makegood_rule_refusals_total{rule=\"PAY-03\"}"), 0);
  EXPECT_EQ(Value("makegood_notifications_total{channel=\"email\",outcome=\"failed\"}"), 0);
}

TEST_F(DomainFigures, KPI_07_OrdersAreCountedByHowTheyEnd) {
  Event opened;
  opened.mutable_order_opened();
  Happen(opened);
  Event delivered;
  delivered.mutable_order_delivered()->set_line_count(3);
  Happen(delivered);
  Event cancelled;
  cancelled.mutable_order_cancelled()->set_initiator(base::v1::INITIATOR_MERCHANT);
  cancelled.mutable_order_cancelled()->set_reason(base::v1::CANCEL_REASON_UNAVAILABLE);
  cancelled.mutable_order_cancelled()->set_merchant_caused(true);
  Happen(cancelled);  // before it was open (KPI-01, KPI-05)
  cancelled.mutable_order_cancelled()->set_was_open(true);
  cancelled.mutable_order_cancelled()->set_counted(true);
  Happen(cancelled);
  Event returned;
  returned.mutable_order_returned()->set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
  Happen(returned, "tmall");
  EXPECT_EQ(Value("makegood_orders_opened_total{marketplace=\"mall\"}"), 1);
  EXPECT_EQ(Value("makegood_orders_closed_total{marketplace=\"mall\",outcome=\"delivered\"}"), 1);
  EXPECT_EQ(Value("makegood_order_lines_total{marketplace=\"mall\"}"), 3);
  EXPECT_EQ(Value("makegood_orders_closed_total{marketplace=\"mall\",outcome=\"cancelled\"}"), 1);
  EXPECT_EQ(Value("makegood_orders_closed_total{marketplace=\"mall\",outcome=\"never_open\"}"), 1);
  for (const char* counted : {"true", "false"}) {
    EXPECT_EQ(Value(absl::StrCat("makegood_orders_cancelled_total{counted=\"", counted,
                                 "\",initiator=\"merchant\",marketplace=\"mall\",merchant_caused=\"true\","
                                 "reason=\"unavailable\"}")),
              1);
  }
  EXPECT_EQ(Value("makegood_returns_total{cause=\"uncollected\",marketplace=\"tmall\"}"), 1);
}

TEST_F(DomainFigures, KPI_07_ClaimsAreCountedFromOpeningToResolution) {
  Event opened;
  opened.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_WRONG);
  opened.mutable_claim_opened()->set_line_count(2);
  Happen(opened, "tmall");
  EXPECT_EQ(Value("makegood_order_line_errors_total{error=\"wrong\",marketplace=\"tmall\"}"), 0);
  Event overdue;
  overdue.mutable_claim_overdue();
  Happen(overdue, "tmall");
  Event approved;
  approved.mutable_claim_approved()->set_kind(base::v1::CLAIM_KIND_WRONG);
  approved.mutable_claim_approved()->set_line_count(2);
  approved.mutable_claim_approved()->set_verification(base::v1::SLA_OUTCOME_MISSED);
  *approved.mutable_claim_approved()->mutable_submitted_time() = rules::ToTimestamp(now_ - absl::Hours(30));
  Happen(approved, "tmall");
  Event resolved;
  resolved.mutable_claim_resolved()->set_kind(base::v1::CLAIM_KIND_WRONG);
  resolved.mutable_claim_resolved()->set_resolution(base::v1::RESOLUTION_KIND_REFUND);
  resolved.mutable_claim_resolved()->set_outcome(base::v1::SLA_OUTCOME_MET);
  *resolved.mutable_claim_resolved()->mutable_detected_time() = rules::ToTimestamp(now_ - absl::Hours(48));
  Happen(resolved, "tmall");
  EXPECT_EQ(Value("makegood_claims_opened_total{kind=\"wrong\",marketplace=\"tmall\"}"), 1);
  EXPECT_EQ(Value("makegood_order_line_errors_total{error=\"wrong\",marketplace=\"tmall\"}"), 2);
  EXPECT_EQ(Value("makegood_claims_overdue_total{marketplace=\"tmall\"}"), 1);
  EXPECT_EQ(Value("makegood_escalations_total{marketplace=\"tmall\",to=\"operations\"}"), 1);
  EXPECT_EQ(
      Value("makegood_sla_outcomes_total{marketplace=\"tmall\",outcome=\"missed\",sla=\"verification\"}"), 1);
  EXPECT_EQ(Value("makegood_claim_verification_seconds_sum{kind=\"wrong\",marketplace=\"tmall\"}"),
            30 * 3600);
  EXPECT_EQ(Value("makegood_claims_closed_total{kind=\"wrong\",marketplace=\"tmall\",resolution=\"refund\"}"),
            1);
  EXPECT_EQ(Value("makegood_sla_outcomes_total{marketplace=\"tmall\",outcome=\"met\",sla=\"resolution\"}"),
            1);
  // A bucket ends exactly at each target (KPI-03).
  const std::string bucket =
      "makegood_resolution_seconds_bucket{kind=\"wrong\",marketplace=\"tmall\",resolution=\"refund\",subject="
      "\"claim\",";
  EXPECT_EQ(Value(absl::StrCat(bucket, "le=\"172800\"}")), 1);
  EXPECT_EQ(Value(absl::StrCat(bucket, "le=\"129600\"}")), 0);
}

TEST_F(DomainFigures, KPI_02_ClaimsThatAreNotApprovedLeaveNoErroneousLine) {
  Event opened;
  opened.mutable_claim_opened()->set_kind(base::v1::CLAIM_KIND_WRONG);
  opened.mutable_claim_opened()->set_line_count(2);
  for (int i = 0; i < 4; ++i) Happen(opened, "tmall");
  Event lapsed;
  lapsed.mutable_claim_lapsed()->set_kind(base::v1::CLAIM_KIND_WRONG);
  Happen(lapsed, "tmall");
  Event retracted;
  retracted.mutable_claim_retracted()->set_kind(base::v1::CLAIM_KIND_WRONG);
  Happen(retracted, "tmall");
  Event rejected;
  rejected.mutable_claim_rejected()->set_kind(base::v1::CLAIM_KIND_WRONG);
  Happen(rejected, "tmall");
  const std::string closed =
      "makegood_claims_closed_total{kind=\"wrong\",marketplace=\"tmall\",resolution=\"rejected\"}";
  EXPECT_EQ(Value(closed), 0);  // it may be appealed yet
  Event rejection_closed;
  rejection_closed.mutable_rejection_closed()->set_kind(base::v1::CLAIM_KIND_WRONG);
  Happen(rejection_closed, "tmall");
  rejected.mutable_claim_rejected()->set_final(true);
  Happen(rejected, "tmall");
  EXPECT_EQ(Value(closed), 2);
  EXPECT_EQ(Value("makegood_order_line_errors_total{error=\"wrong\",marketplace=\"tmall\"}"), 0);
}

TEST_F(DomainFigures, KPI_07_MoneyAndMessagesAreCounted) {
  Event settled;
  settled.mutable_refund_settled()->set_outcome(base::v1::SLA_OUTCOME_MISSED);
  *settled.mutable_refund_settled()->mutable_granted_time() = rules::ToTimestamp(now_ - absl::Hours(5));
  Happen(settled);
  Event failed;
  failed.mutable_refund_failed();
  Happen(failed);
  Event paid;
  paid.mutable_surcharge_moved()->set_state(base::v1::SURCHARGE_STATE_PAID);
  Happen(paid, "flowwow");
  Event sent;
  sent.mutable_notice_sent()->set_template_name("order_cancelled");
  sent.mutable_notice_sent()->set_channel(base::v1::CHANNEL_EMAIL);
  sent.mutable_notice_sent()->set_first_notice(base::v1::SLA_OUTCOME_MET);
  *sent.mutable_notice_sent()->mutable_caused_time() = rules::ToTimestamp(now_ - absl::Minutes(2));
  Happen(sent);
  EXPECT_EQ(Value("makegood_refunds_total{marketplace=\"mall\",outcome=\"settled\"}"), 1);
  EXPECT_EQ(Value("makegood_refund_seconds_sum{marketplace=\"mall\"}"), 5 * 3600);
  EXPECT_EQ(Value("makegood_sla_outcomes_total{marketplace=\"mall\",outcome=\"missed\",sla=\"refund\"}"), 1);
  EXPECT_EQ(Value("makegood_refunds_total{marketplace=\"mall\",outcome=\"failed\"}"), 1);
  EXPECT_EQ(Value("makegood_surcharges_total{marketplace=\"flowwow\",state=\"paid\"}"), 1);
  EXPECT_EQ(Value("makegood_notifications_total{channel=\"email\",outcome=\"sent\"}"), 1);
  EXPECT_EQ(Value("makegood_notification_delay_seconds_sum{channel=\"email\",template_group=\"order\"}"),
            120);
  EXPECT_EQ(Value("makegood_sla_outcomes_total{marketplace=\"mall\",outcome=\"met\",sla=\"first_notice\"}"),
            1);
}

TEST_F(DomainFigures, DLV_05_DLV_08_ParcelsAreCountedByWhatCameOfThem) {
  Event handed;
  handed.mutable_parcel_handed_over()->set_taker(base::v1::TAKER_RECIPIENT);
  Happen(handed, "flowwow");
  handed.mutable_parcel_handed_over()->set_taker(base::v1::TAKER_GUARD);
  Happen(handed, "flowwow");
  handed.mutable_parcel_handed_over()->set_deviation(true);
  Happen(handed, "flowwow");
  Event called;
  called.mutable_courier_called_back()->set_cause(base::v1::INCIDENT_KIND_NOBODY_THERE);
  Happen(called, "flowwow");
  Event asked;
  asked.mutable_interception_requested()->set_refused(true);
  Happen(asked, "tmall");
  Event ended;
  ended.mutable_interception_ended()->set_succeeded(true);
  Happen(ended, "tmall");
  for (const char* outcome : {"recipient", "third_person", "deviation", "nobody_there"}) {
    EXPECT_EQ(
        Value(absl::StrCat("makegood_deliveries_total{marketplace=\"flowwow\",outcome=\"", outcome, "\"}")),
        1);
  }
  EXPECT_EQ(Value("makegood_deliveries_total{marketplace=\"flowwow\",outcome=\"refused\"}"), 0);
  EXPECT_EQ(Value("makegood_interceptions_total{marketplace=\"tmall\",outcome=\"refused\"}"), 1);
  EXPECT_EQ(Value("makegood_interceptions_total{marketplace=\"tmall\",outcome=\"succeeded\"}"), 1);
}

TEST_F(DomainFigures, SYS_09_NoIdAndNoUnknownWordBecomesALabel) {
  Event opened;
  opened.mutable_order_opened();
  Happen(opened, "a-marketplace-nobody-loaded");
  metrics_.CountRefusal("ORD-03");
  metrics_.CountRefusal("someone@example.com");
  const std::string page = PageOf(registry_);
  for (const char* never : {"o-12345", "c-1001", "nobody-loaded", "example.com"}) {
    EXPECT_THAT(page, Not(HasSubstr(never)));
  }
  EXPECT_EQ(Value("makegood_rule_refusals_total{rule=\"ORD-03\"}"), 1);
  EXPECT_EQ(Value("makegood_rule_refusals_total{rule=\"other\"}"), 1);
}

}  // namespace
}  // namespace makegood::testing
