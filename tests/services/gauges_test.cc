// What each service counts of its own records while they are open, by the gauges it declares.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/metrics/open_work_metrics.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/notices/notice_records.h"
#include "common/rules/payments/payment_records.h"
#include "common/rules/stores/store_records.h"
#include "common/rules/work/work_records.h"
#include "services/claims/claims_app.h"
#include "services/host/app.h"
#include "services/notifications/notifications_app.h"
#include "services/orders/orders_kind.h"
#include "services/payments/payments_kind.h"
#include "tests/metrics/page.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {
namespace {

using claims::v1::Claim;
using notifications::v1::Notice;
using payments::v1::Refund;

// The store of one service, and the page of its gauges.
class Counted {
 public:
  explicit Counted(const services::AppKind& kind)
      : store_(scratch_.Open(kind.name, clock_)),
        metrics_(kind.name, kind.gauges, ShippedPolicies(), *store_, clock_, absl::ZeroDuration()) {}

  template <typename M>
  void Put(M message) {
    message.mutable_policy()->set_marketplace("tmall");
    store::Work work;
    work.routing_key = "o-1";
    work.decide = [message](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(tx.Find<M>(rules::RecordTraits<M>::Id(message)).status());
      M written = message;
      tx.Put(written);
      return "";
    };
    absl::Notification done;
    store_->Submit(std::move(work), [&done](absl::StatusOr<std::string> reply) {
      EXPECT_THAT(reply, IsOk());
      done.Notify();
    });
    done.WaitForNotification();
  }

  double Value(const std::string& name, const std::string& state = "") const {
    return Labelled(name, state.empty() ? "" : absl::StrCat(",state=\"", state, "\""));
  }

  double Labelled(const std::string& name, const std::string& label) const {
    return ValueOf(PageOf(metrics_), absl::StrCat("makegood_", name, "{marketplace=\"tmall\"", label, "}"));
  }

  const absl::Time start = At("2026-09-01T10:00+02:00");

  void MoveTo(absl::Duration after) { clock_.MoveTo(start + after); }

 private:
  const Scratch scratch_;
  TestClock clock_{start};
  const std::unique_ptr<store::Store> store_;
  const metrics::OpenWorkMetrics metrics_;
};

TEST(Gauges, WRK_01_WorkIsCountedByTurnAndKind) {
  Counted orders(services::OrdersKind());
  const std::string decision = ",turn=\"operations\",kind=\"decide_claim\"";
  EXPECT_EQ(orders.Labelled("work_open", decision), 0);
  EXPECT_EQ(orders.Labelled("work_open", ",turn=\"merchant\",kind=\"release_hold\""), 0);
  orders::v1::Work work;
  work.set_work_id("wrk-1");
  work.set_order_id("o-1");
  work.set_state(orders::v1::Work::STATE_OPEN);
  work.mutable_item()->set_turn(base::v1::WORK_TURN_OPERATIONS);
  work.mutable_item()->set_kind(base::v1::WORK_KIND_DECIDE_CLAIM);
  *work.mutable_item()->mutable_due_time() = rules::ToTimestamp(orders.start + absl::Hours(1));
  orders.Put(work);
  EXPECT_EQ(orders.Labelled("work_open", decision), 1);
  EXPECT_EQ(orders.Labelled("work_overdue", decision), 0);
  orders.MoveTo(absl::Hours(1));
  EXPECT_EQ(orders.Labelled("work_overdue", decision), 1);
  work.set_state(orders::v1::Work::STATE_DONE);
  orders.Put(work);
  EXPECT_EQ(orders.Labelled("work_open", decision), 0);
}

TEST(Gauges, AVL_01_OffersAreCountedByWhatIsWrongWithThem) {
  Counted orders(services::OrdersKind());
  const std::string delisted = ",state=\"delisted\",low=\"false\",stale=\"false\"";
  const std::string low = ",state=\"listed\",low=\"true\",stale=\"false\"";
  const std::string stale = ",state=\"listed\",low=\"false\",stale=\"true\"";
  EXPECT_EQ(orders.Labelled("offers_delisted", delisted), 0);
  rules::Offer offer;
  offer.set_offer_id("offer-1");
  offer.set_state(rules::Offer::STATE_DELISTED);
  orders.Put(offer);
  EXPECT_EQ(orders.Labelled("offers_delisted", delisted), 1);
  offer.set_state(rules::Offer::STATE_LISTED);
  offer.set_low(true);
  orders.Put(offer);
  EXPECT_EQ(orders.Labelled("offers_delisted", delisted), 0);
  EXPECT_EQ(orders.Labelled("offers_low", low), 1);
  offer.set_low(false);
  offer.set_stale(true);
  orders.Put(offer);
  EXPECT_EQ(orders.Labelled("offers_low", low), 0);
  EXPECT_EQ(orders.Labelled("offers_stale", stale), 1);
}

TEST(Gauges, KPI_07_AClaimIsOpenUntilItEnds) {
  Counted claims(services::ClaimsKind());
  const std::string opened = "claims_oldest_open_timestamp_seconds";
  for (const char* state : {"awaiting_evidence", "verifying", "approved", "rejected", "resolving"}) {
    EXPECT_EQ(claims.Value("claims_open", state), 0) << state;
    EXPECT_EQ(claims.Value("claims_overdue", state), 0) << state;
    EXPECT_EQ(claims.Value(opened, state), 0) << state;
  }
  Claim claim;
  claim.set_claim_id("clm-1");
  claim.set_state(Claim::STATE_AWAITING_EVIDENCE);
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_open", "awaiting_evidence"), 1);

  claim.set_state(Claim::STATE_VERIFYING);
  *claim.mutable_create_time() = rules::ToTimestamp(claims.start);
  *claim.mutable_window_due_time() = rules::ToTimestamp(claims.start + absl::Hours(1));
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_open", "awaiting_evidence"), 0);
  EXPECT_EQ(claims.Value("claims_open", "verifying"), 1);
  EXPECT_EQ(claims.Value(opened, "verifying"), absl::ToUnixSeconds(claims.start));
  EXPECT_EQ(claims.Value("claims_overdue", "verifying"), 0);
  claims.MoveTo(absl::Hours(1));
  EXPECT_EQ(claims.Value("claims_overdue", "verifying"), 1);

  claim.set_state(Claim::STATE_REJECTED);
  *claim.mutable_appeal_until_time() = rules::ToTimestamp(claims.start + absl::Hours(2));
  claims.Put(claim);
  claims.MoveTo(absl::Hours(3));
  EXPECT_EQ(claims.Value("claims_open", "rejected"), 1);
  EXPECT_EQ(claims.Value("claims_overdue", "rejected"), 0);
  claim.clear_appeal_until_time();
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_open", "rejected"), 0);

  claim.set_state(Claim::STATE_RESOLVING);
  *claim.mutable_resolution_due_time() = rules::ToTimestamp(claims.start + absl::Hours(3));
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_open", "resolving"), 1);
  EXPECT_EQ(claims.Value("claims_overdue", "resolving"), 1);
  claim.set_resolution(base::v1::RESOLUTION_KIND_WITHDRAWAL);  // which has a term of its own (CLM-08)
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_overdue", "resolving"), 0);

  claim.set_state(Claim::STATE_RESOLVED);
  claims.Put(claim);
  EXPECT_EQ(claims.Value("claims_open", "resolving"), 0);
  EXPECT_EQ(claims.Value(opened, "resolving"), 0);
}

// `gauge` counts `dated` when its term is over, failed or not, until it is done; `undated` never.
template <typename Record>
void ExpectOverdueUntilDone(services::AppKind kind, const std::string& gauge, absl::Duration term,
                            Record dated, const Record& undated, typename Record::State done) {
  Counted service(std::move(kind));
  EXPECT_EQ(service.Value(gauge), 0);
  *dated.mutable_due_time() = rules::ToTimestamp(service.start + term);
  service.Put(dated);
  service.Put(undated);
  EXPECT_EQ(service.Value(gauge), 0);
  service.MoveTo(term);
  EXPECT_EQ(service.Value(gauge), 1);
  dated.set_state(Record::STATE_FAILED);
  service.Put(dated);
  EXPECT_EQ(service.Value(gauge), 1);
  dated.set_state(done);
  service.Put(dated);
  EXPECT_EQ(service.Value(gauge), 0);
}

TEST(Gauges, KPI_06_ARefundIsOverdueUntilTheCustomerHasIt) {
  Refund refund;
  refund.set_refund_id("refund-1");
  refund.set_state(Refund::STATE_PENDING);
  Refund of_the_past = refund;  // ORD-13
  of_the_past.set_refund_id("refund-2");
  ExpectOverdueUntilDone(services::PaymentsKind(), "refunds_overdue", absl::Hours(72), refund, of_the_past,
                         Refund::STATE_SETTLED);
}

TEST(Gauges, NTF_01_AFirstNoticeIsOverdueUntilItIsOut) {
  Notice first;
  first.set_notice_id("ntc-1");
  first.set_state(Notice::STATE_PENDING);
  Notice later = first;
  later.set_notice_id("ntc-2");
  ExpectOverdueUntilDone(services::NotificationsKind(), "first_notices_overdue", absl::Hours(2), first, later,
                         Notice::STATE_SENT);
}

}  // namespace
}  // namespace makegood::testing
