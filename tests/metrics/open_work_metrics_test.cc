// Gauges of what is open, from a real store: at 0 from the start, kept for a while, and said to be as old
// as they are.
#include "common/metrics/open_work_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/rules/claims/claim_records.h"
#include "tests/metrics/page.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {
namespace {

using claims::v1::Claim;
using Figure = metrics::OpenGauge::Figure;

const std::vector<metrics::OpenGauge> kGauges = {
    {"open", "How many.", Figure::kOpen, "claim", {"STATE_VERIFYING", "STATE_APPROVED"}},
    {"oldest", "Since when.", Figure::kOldest, "claim", {"STATE_VERIFYING", "STATE_APPROVED"}},
    {"overdue", "Late.", Figure::kOverdue, "claim"},
};

class OpenWork : public ::testing::Test {
 protected:
  std::shared_ptr<metrics::OpenWorkMetrics> Metrics(absl::Duration fresh = absl::ZeroDuration()) {
    return std::make_shared<metrics::OpenWorkMetrics>("claims", kGauges, ShippedPolicies(), *store_, clock_,
                                                      fresh);
  }

  void Put(const std::string& claim_id, Claim::State state, absl::Time due,
           const std::string& marketplace = "tmall") {
    store::Work work;
    work.routing_key = claim_id;
    work.decide = [=](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(const std::optional<Claim> before, tx.Find<Claim>(claim_id));
      Claim claim = before.value_or(Claim());
      claim.set_claim_id(claim_id);
      claim.mutable_policy()->set_marketplace(marketplace);
      claim.set_state(state);
      *claim.mutable_window_due_time() = rules::ToTimestamp(due);
      *claim.mutable_resolution_due_time() = rules::ToTimestamp(due);
      tx.Put(claim);
      return "";
    };
    absl::Notification done;
    store_->Submit(std::move(work), [&](absl::StatusOr<std::string> reply) {
      EXPECT_THAT(reply, IsOk());
      done.Notify();
    });
    done.WaitForNotification();
  }

  static double Value(const metrics::OpenWorkMetrics& metrics, const std::string& series) {
    return ValueOf(PageOf(metrics), series);
  }

  const Scratch scratch_;
  const absl::Time start_ = At("2026-09-01T10:00+02:00");
  TestClock clock_{start_};
  std::unique_ptr<store::Store> store_ = scratch_.Open("claims", clock_);
};

TEST_F(OpenWork, EverySeriesIsThereAtZeroForEveryMarketplace) {
  const std::string page = PageOf(*Metrics());
  for (const char* market : {"mall", "flowwow", "tmall", "default"}) {
    for (const char* state : {"verifying", "approved"}) {
      for (const char* name : {"open", "oldest"}) {
        EXPECT_EQ(ValueOf(page, absl::StrCat(name, "{marketplace=\"", market, "\",state=\"", state, "\"}")),
                  0)
            << name << market << state;
      }
    }
    EXPECT_EQ(ValueOf(page, absl::StrCat("overdue{marketplace=\"", market, "\"}")), 0);
  }
}

TEST_F(OpenWork, KPI_07_CasesAreCountedWhileTheyAreOpen) {
  const auto metrics = Metrics();
  Put("clm-1", Claim::STATE_VERIFYING, start_ + absl::Hours(1));
  clock_.MoveTo(start_ + absl::Minutes(1));
  Put("clm-2", Claim::STATE_VERIFYING, start_ + absl::Hours(2));
  Put("clm-3", Claim::STATE_APPROVED, start_ + absl::Hours(1), "mall");
  Put("clm-4", Claim::STATE_RESOLVED, start_);
  Put("clm-5", Claim::STATE_VERIFYING, start_, "of-no-policy");
  std::string page = PageOf(*metrics);
  EXPECT_EQ(ValueOf(page, "open{marketplace=\"tmall\",state=\"verifying\"}"), 2);
  EXPECT_EQ(ValueOf(page, "open{marketplace=\"tmall\",state=\"approved\"}"), 0);
  EXPECT_EQ(ValueOf(page, "open{marketplace=\"mall\",state=\"approved\"}"), 1);
  EXPECT_EQ(ValueOf(page, "oldest{marketplace=\"tmall\",state=\"verifying\"}"), absl::ToUnixSeconds(start_));
  EXPECT_EQ(ValueOf(page, "overdue{marketplace=\"tmall\"}"), 0);
  EXPECT_THAT(page, ::testing::Not(::testing::HasSubstr("of-no-policy")));
  clock_.MoveTo(start_ + absl::Hours(1));  // nothing else happens
  page = PageOf(*metrics);
  EXPECT_EQ(ValueOf(page, "overdue{marketplace=\"tmall\"}"), 1);
  EXPECT_EQ(ValueOf(page, "overdue{marketplace=\"mall\"}"), 1);
  Put("clm-1", Claim::STATE_RESOLVED, start_);
  page = PageOf(*metrics);
  EXPECT_EQ(ValueOf(page, "open{marketplace=\"tmall\",state=\"verifying\"}"), 1);
  EXPECT_EQ(ValueOf(page, "oldest{marketplace=\"tmall\",state=\"verifying\"}"),
            absl::ToUnixSeconds(start_ + absl::Minutes(1)));
  EXPECT_EQ(ValueOf(page, "overdue{marketplace=\"tmall\"}"), 0);
}

TEST_F(OpenWork, WhatIsThereBeforeTheProcessStartsIsCounted) {
  Put("clm-1", Claim::STATE_VERIFYING, start_);
  store_.reset();
  store_ = scratch_.Open("claims", clock_);
  EXPECT_EQ(Value(*Metrics(), "open{marketplace=\"tmall\",state=\"verifying\"}"), 1);
}

TEST_F(OpenWork, ACountIsGoodForAWhileAndToldAsOldAsItIs) {
  const auto metrics = Metrics(absl::Hours(1));
  const absl::Time before = absl::Now();
  const double first = Value(*metrics, "makegood_snapshot_timestamp_seconds{service=\"claims\"}");
  EXPECT_GE(first, absl::ToDoubleSeconds(before - absl::UnixEpoch()) - 0.001);
  EXPECT_LE(first, absl::ToDoubleSeconds(absl::Now() - absl::UnixEpoch()) + 0.001);
  Put("clm-1", Claim::STATE_VERIFYING, start_);
  EXPECT_EQ(Value(*metrics, "open{marketplace=\"tmall\",state=\"verifying\"}"), 0);
  EXPECT_EQ(Value(*metrics, "makegood_snapshot_timestamp_seconds{service=\"claims\"}"), first);
  EXPECT_EQ(Value(*Metrics(), "open{marketplace=\"tmall\",state=\"verifying\"}"), 1);
}

// All readers of the store are held: the page comes all the same, with what is known.
TEST_F(OpenWork, ABusyStoreDoesNotHoldThePageForLong) {
  const auto metrics = Metrics();
  Put("clm-1", Claim::STATE_VERIFYING, start_);
  const double counted = Value(*metrics, "makegood_snapshot_timestamp_seconds{service=\"claims\"}");
  Put("clm-2", Claim::STATE_VERIFYING, start_);
  absl::Notification go_on;
  for (int reader = 0; reader < store::StoreOptions().readers; ++reader) {
    store_->Read([&](const absl::StatusOr<store::Reader*>&) { go_on.WaitForNotification(); });
  }
  const absl::Time asked = absl::Now();
  const std::string page = PageOf(*metrics);
  EXPECT_LT(absl::Now() - asked, absl::Seconds(10));
  EXPECT_EQ(ValueOf(page, "open{marketplace=\"tmall\",state=\"verifying\"}"), 1);
  EXPECT_EQ(ValueOf(page, "makegood_snapshot_timestamp_seconds{service=\"claims\"}"), counted);
  go_on.Notify();
  EXPECT_EQ(Value(*metrics, "open{marketplace=\"tmall\",state=\"verifying\"}"), 2);
}

TEST_F(OpenWork, PagesAskedForAtATimeAgree) {
  const auto metrics = Metrics();
  for (int i = 0; i < 20; ++i) Put(absl::StrCat("clm-", i), Claim::STATE_VERIFYING, start_);
  std::vector<double> values(8);
  std::vector<std::thread> threads;
  for (double& value : values) {
    threads.emplace_back([&] { value = Value(*metrics, "open{marketplace=\"tmall\",state=\"verifying\"}"); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(values, ::testing::Each(20));
}

}  // namespace
}  // namespace makegood::testing
