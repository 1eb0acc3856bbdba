// What Prometheus sees: names, labels, zeros at the start, and counts that agree with what happened.
#include <curl/curl.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include <cmath>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "common/metrics/domain_metrics.h"
#include "common/metrics/flow_metrics.h"
#include "common/metrics/metrics_endpoint.h"
#include "common/metrics/rpc_metrics.h"
#include "common/rpc/channels.h"
#include "common/rpc/server.h"
#include "tests/metrics/page.h"
#include "tests/support/box_service.h"
#include "tests/support/rules_support.h"
#include "tests/support/scratch.h"
#include "tests/support/status_matchers.h"

namespace makegood::testing {
namespace {

using events::v1::Event;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kBoxService[] = "makegood.testing.v1.BoxService";

// ---- RPCs.

class RpcFigures : public ::testing::Test {
 protected:
  RpcFigures() {
    rpc::ServerOptions options;
    options.interceptors.push_back(metrics_.ServerInterceptor());
    server_ = std::make_unique<rpc::Server>(std::move(options));
    server_->AddService<v1::BoxService>(service_);
    EXPECT_THAT(server_->Start(), IsOk());
    rpc::ClientInterceptors interceptors;
    interceptors.push_back(metrics_.ClientInterceptor());
    channel_ = rpc::MakeChannel(absl::StrCat("127.0.0.1:", server_->port()), std::move(interceptors));
  }

  absl::Status Fill(int64_t amount) {
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), absl::Seconds(20));
    v1::FillBoxRequest request;
    request.mutable_command()->set_request_id(absl::StrCat("r-", amount));
    request.set_box_id("box-1");
    request.set_amount(amount);
    v1::Box reply;
    return rpc::FromGrpc(v1::BoxService::NewStub(channel_)->FillBox(&context, request, &reply));
  }

  double Handled(const std::string& side, const std::string& service, const std::string& method,
                 const std::string& code) {
    return ValueOf(PageOf(*registry_),
                   absl::StrCat("grpc_", side, "_handled_total{grpc_code=\"", code, "\",grpc_method=\"",
                                method, "\",grpc_service=\"", service, "\",grpc_type=\"unary\"}"));
  }

  const Scratch scratch_;
  TestClock clock_{At("2026-09-01T10:00+02:00")};
  const rules::PolicyBook policies_;
  const std::unique_ptr<store::Store> store_ = scratch_.Open("orders", clock_);
  const rpc::Edge edge_{*store_, policies_, clock_};
  BoxServiceImpl service_{edge_};
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  metrics::RpcMetrics metrics_{*registry_, {kBoxService}};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(RpcFigures, EveryMethodAndCodeIsThereAtZeroFromTheStart) {
  const std::string page = PageOf(*registry_);
  for (const char* side : {"server", "client"}) {
    for (const char* method : {"FillBox", "CopyBox", "GetBox", "ListBoxes"}) {
      for (const char* code :
           {"OK", "Canceled", "Unknown", "InvalidArgument", "DeadlineExceeded", "NotFound", "AlreadyExists",
            "PermissionDenied", "ResourceExhausted", "FailedPrecondition", "Aborted", "OutOfRange",
            "Unimplemented", "Internal", "Unavailable", "DataLoss", "Unauthenticated"}) {
        EXPECT_EQ(Handled(side, kBoxService, method, code), 0) << side << method << code;
      }
      const std::string labels = absl::StrCat("{grpc_method=\"", method, "\",grpc_service=\"", kBoxService,
                                              "\",grpc_type=\"unary\"}");
      EXPECT_EQ(ValueOf(page, absl::StrCat("grpc_", side, "_started_total", labels)), 0);
      EXPECT_EQ(ValueOf(page, absl::StrCat("grpc_", side, "_handling_seconds_count", labels)), 0);
    }
  }
}

TEST_F(RpcFigures, CallsAreCountedByMethodAndCodeOnBothSides) {
  EXPECT_THAT(Fill(10), IsOk());
  EXPECT_THAT(Fill(20), IsOk());
  EXPECT_THAT(Fill(101), RefusedBy("ORD-12"));
  EXPECT_THAT(Fill(0), StatusIs(absl::StatusCode::kInvalidArgument));
  for (const char* side : {"server", "client"}) {
    EXPECT_EQ(Handled(side, kBoxService, "FillBox", "OK"), 2) << side;
    EXPECT_EQ(Handled(side, kBoxService, "FillBox", "FailedPrecondition"), 1) << side;
    EXPECT_EQ(Handled(side, kBoxService, "FillBox", "InvalidArgument"), 1) << side;
    const std::string labels =
        absl::StrCat("{grpc_method=\"FillBox\",grpc_service=\"", kBoxService, "\",grpc_type=\"unary\"}");
    EXPECT_EQ(ValueOf(PageOf(*registry_), absl::StrCat("grpc_", side, "_started_total", labels)), 4);
    EXPECT_EQ(ValueOf(PageOf(*registry_), absl::StrCat("grpc_", side, "_handling_seconds_count", labels)), 4);
  }
}

TEST_F(RpcFigures, UnknownMethodsCountAsOther) {
  grpc::GenericStub stub(channel_);
  for (int i = 0; i < 3; ++i) {
    grpc::ClientContext context;
    rpc::Prepare(context, Operations(), absl::Seconds(20));
    grpc::ByteBuffer sent;
    grpc::ByteBuffer received;
    grpc::Status status;
    absl::Notification done;
    const grpc::Slice nothing("");
    sent = grpc::ByteBuffer(&nothing, 1);
    stub.UnaryCall(&context, absl::StrCat("/made.up.Service/Method", i), grpc::StubOptions(), &sent,
                   &received, [&](grpc::Status result) {
                     status = result;
                     done.Notify();
                   });
    done.WaitForNotification();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  }
  EXPECT_EQ(Handled("server", "other", "other", "Unimplemented"), 3);
  EXPECT_EQ(Handled("client", "other", "other", "Unimplemented"), 3);
  EXPECT_THAT(PageOf(*registry_), Not(HasSubstr("made.up")));
}

// ---- The trade.

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
  metrics::DomainMetrics metrics_{registry_, ShippedPolicies()};
};

TEST_F(DomainFigures, KPI_07_EverySeriesIsThereAtZeroForEveryMarketplace) {
  for (const char* market : {"mall", "flowwow", "tmall", "default"}) {
    for (const std::string& series :
         {absl::StrCat("makegood_orders_opened_total{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_orders_closed_total{marketplace=\"", market, "\",outcome=\"returned\"}"),
          absl::StrCat("makegood_orders_cancelled_total{initiator=\"merchant\",marketplace=\"", market,
                       "\",merchant_caused=\"true\",reason=\"unavailable\"}"),
          absl::StrCat("makegood_returns_total{cause=\"uncollected\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_order_lines_total{marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_order_line_errors_total{error=\"wrong\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_claims_opened_total{kind=\"damaged\",marketplace=\"", market, "\"}"),
          absl::StrCat("makegood_claims_closed_total{kind=\"missing\",marketplace=\"", market,
                       "\",resolution=\"lapsed\"}"),
          absl::StrCat("makegood_claims_overdue_total{marketplace=\"", market, "\"}"),
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
  Happen(cancelled);
  Event returned;
  returned.mutable_order_returned()->set_cause(base::v1::RETURN_CAUSE_UNCOLLECTED);
  Happen(returned, "tmall");
  EXPECT_EQ(Value("makegood_orders_opened_total{marketplace=\"mall\"}"), 1);
  EXPECT_EQ(Value("makegood_orders_closed_total{marketplace=\"mall\",outcome=\"delivered\"}"), 1);
  EXPECT_EQ(Value("makegood_order_lines_total{marketplace=\"mall\"}"), 3);
  EXPECT_EQ(Value("makegood_orders_closed_total{marketplace=\"mall\",outcome=\"cancelled\"}"), 1);
  EXPECT_EQ(Value("makegood_orders_cancelled_total{initiator=\"merchant\",marketplace=\"mall\","
                  "merchant_caused=\"true\",reason=\"unavailable\"}"),
            1);
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

// ---- Stores, feeds, tasks, and the page itself.

class FlowFigures : public ::testing::Test {
 protected:
  absl::Status Run(std::function<absl::Status(rules::Unit&)> decide) {
    store::Work work;
    work.routing_key = "box-1";
    work.context.seed = "any";
    work.decide = [decide = std::move(decide)](rules::Unit& unit) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(decide(unit));
      return std::string();
    };
    absl::Status status;
    absl::Notification done;
    store_->Submit(std::move(work), [&](absl::StatusOr<std::string> reply) {
      status = reply.status();
      done.Notify();
    });
    done.WaitForNotification();
    return status;
  }

  const Scratch scratch_;
  TestClock clock_{At("2026-09-01T10:00+02:00")};
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  const std::shared_ptr<metrics::FlowMetrics> metrics_ =
      std::make_shared<metrics::FlowMetrics>(*registry_, "orders", std::vector<std::string>{"remind"});
  const std::unique_ptr<store::Store> store_ = scratch_.Open("orders", clock_, metrics_->StoreObserver());
};

TEST_F(FlowFigures, CommitsTasksAndFeedsAreShownAndTheirSeriesStartAtZero) {
  metrics_->Watch(*store_, clock_);
  metrics_->WatchFeed("payments", [this] {
    return metrics::FlowMetrics::Lag{true, clock_.Now(), 7, clock_.Now()};
  });
  std::string page = PageOf(*registry_) + PageOf(*metrics_);
  EXPECT_EQ(ValueOf(page, "makegood_store_commit_seconds_count{service=\"orders\"}"), 0);
  EXPECT_EQ(ValueOf(page,
                    "makegood_store_errors_total{error=\"unavailable\",operation=\"commit\","
                    "service=\"orders\"}"),
            0);
  EXPECT_EQ(
      ValueOf(page, "makegood_task_runs_total{kind=\"remind\",outcome=\"given_up\",service=\"orders\"}"), 0);
  EXPECT_EQ(ValueOf(page, "makegood_tasks_due{service=\"orders\"}"), 0);
  EXPECT_EQ(ValueOf(page, "makegood_store_queue_depth{service=\"orders\"}"), 0);
  EXPECT_EQ(ValueOf(page, "makegood_feed_lag_events{source=\"payments\",consumer=\"orders\"}"), 7);

  const absl::Time due = clock_.Now() - absl::Hours(1);
  ASSERT_THAT(Run([due](rules::Unit& unit) {
                unit.Schedule(rules::Task{"t-1", "remind", due, ""});
                return absl::OkStatus();
              }),
              IsOk());
  metrics_->TaskObserver()("remind", "done");
  metrics_->TaskObserver()("never-heard-of", "retried");
  page = PageOf(*registry_) + PageOf(*metrics_);
  EXPECT_EQ(ValueOf(page, "makegood_store_commit_seconds_count{service=\"orders\"}"), 1);
  EXPECT_EQ(ValueOf(page, "makegood_store_batch_commands_sum{service=\"orders\"}"), 1);
  EXPECT_EQ(ValueOf(page, "makegood_tasks_due{service=\"orders\"}"), 1);
  EXPECT_EQ(ValueOf(page, "makegood_tasks_oldest_due_timestamp_seconds{service=\"orders\"}"),
            absl::ToUnixSeconds(due));
  EXPECT_EQ(ValueOf(page, "makegood_task_runs_total{kind=\"remind\",outcome=\"done\",service=\"orders\"}"),
            1);
  EXPECT_EQ(ValueOf(page, "makegood_task_runs_total{kind=\"other\",outcome=\"retried\",service=\"orders\"}"),
            1);
}

TEST_F(FlowFigures, SYS_06_AFeedThatCannotConnectSaysSoAndClaimsNoLag) {
  absl::Time last_seen = absl::InfinitePast();
  metrics_->WatchFeed("claims", [&] { return metrics::FlowMetrics::Lag{false, last_seen, 0}; });
  metrics_->WatchFeed("payments", [this] { return metrics::FlowMetrics::Lag{true, clock_.Now(), 0}; });
  std::string page = PageOf(*metrics_);
  EXPECT_EQ(ValueOf(page, "makegood_feed_connected{source=\"claims\",consumer=\"orders\"}"), 0);
  EXPECT_EQ(ValueOf(page, "makegood_feed_connected{source=\"payments\",consumer=\"orders\"}"), 1);
  EXPECT_TRUE(std::isnan(ValueOf(page, "makegood_feed_lag_events{source=\"claims\",consumer=\"orders\"}")));
  EXPECT_EQ(ValueOf(page, "makegood_feed_lag_events{source=\"payments\",consumer=\"orders\"}"), 0);
  const std::string seen = "makegood_feed_last_seen_timestamp_seconds{source=\"claims\",consumer=\"orders\"}";
  EXPECT_EQ(ValueOf(page, seen), 0);
  last_seen = clock_.Now();
  EXPECT_EQ(ValueOf(PageOf(*metrics_), seen), absl::ToUnixSeconds(last_seen));
}

size_t Append(char* data, size_t, size_t size, void* page) {
  static_cast<std::string*>(page)->append(data, size);
  return size;
}

TEST_F(FlowFigures, ThePageIsServedWithEachFamilyOnce) {
  const auto other = std::make_shared<metrics::FlowMetrics>(*registry_, "claims", std::vector<std::string>{});
  metrics_->Watch(*store_, clock_);
  other->Watch(*store_, clock_);
  metrics::SetBuildInfo(*registry_, "standalone", "0.1.0", "abc");
  auto endpoint = metrics::MetricsEndpoint::Start("127.0.0.1:0", {registry_, metrics_, other});
  ASSERT_THAT(endpoint, IsOk());
  std::string page;
  CURL* curl = curl_easy_init();
  curl_easy_setopt(curl, CURLOPT_URL,
                   absl::StrCat("http://127.0.0.1:", endpoint->port(), "/metrics").c_str());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, Append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &page);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, 20L);
  EXPECT_EQ(curl_easy_perform(curl), CURLE_OK);
  curl_easy_cleanup(curl);
  EXPECT_EQ(ValueOf(page, "makegood_build_info{revision=\"abc\",service=\"standalone\",version=\"0.1.0\"}"),
            1);
  EXPECT_EQ(ValueOf(page, "makegood_tasks_due{service=\"claims\"}"), 0);
  const std::vector<std::string> at_type = absl::StrSplit(page, "# TYPE makegood_tasks_due gauge");
  EXPECT_EQ(at_type.size(), 2u);
  EXPECT_THAT(metrics::MetricsEndpoint::Start(absl::StrCat("127.0.0.1:", endpoint->port()), {registry_}),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(FlowFigures, ThePageGivesItsPortBack) {
  auto endpoint = metrics::MetricsEndpoint::Start("127.0.0.1:0", {registry_});
  ASSERT_THAT(endpoint, IsOk());
  const std::string address = absl::StrCat("127.0.0.1:", endpoint->port());
  endpoint = absl::CancelledError();
  EXPECT_THAT(metrics::MetricsEndpoint::Start(address, {registry_}), IsOk());
}

}  // namespace
}  // namespace makegood::testing
