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
  const rpc::Environment environment_{*store_, policies_, clock_};
  BoxServiceImpl service_{environment_};
  const std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
  metrics::RpcMetrics metrics_{*registry_, {kBoxService}, {kBoxService}};
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

// ---- Stores, feeds, tasks, and the page itself.

class FlowFigures : public ::testing::Test {
 protected:
  absl::Status Run(std::function<absl::Status(rules::Transaction&)> decide) {
    store::Work work;
    work.routing_key = "box-1";
    work.context.seed = "any";
    work.decide = [decide = std::move(decide)](rules::Transaction& tx) -> absl::StatusOr<std::string> {
      RETURN_IF_ERROR(decide(tx));
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
      std::make_shared<metrics::FlowMetrics>(*registry_, "orders");
  const std::unique_ptr<store::Store> store_ = scratch_.Open("orders", clock_, metrics_->StoreObserver());
};

TEST_F(FlowFigures, CommitsTasksAndFeedsAreShownAndTheirSeriesStartAtZero) {
  const auto ran = metrics_->TaskObserver({"remind"});
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
  ASSERT_THAT(Run([due](rules::Transaction& tx) {
                tx.Schedule(rules::Task{"t-1", "remind", due, ""});
                return absl::OkStatus();
              }),
              IsOk());
  ran("remind", "done");
  ran("never-heard-of", "retried");
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
  const auto other = std::make_shared<metrics::FlowMetrics>(*registry_, "claims");
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
