// What one caller has under way, in bytes: a queue of large requests and pages that nobody takes.
#include <array>

#include "absl/synchronization/notification.h"
#include "common/rules/scope.h"
#include "tests/rpc/rpc_test.h"

namespace makegood::testing {
namespace {

using ::testing::HasSubstr;

class SharesTest : public RpcTest {
 protected:
  SharesTest() {
    own_edge_.shares = shares_;
    own_server_.AddService<v1::BoxService>(own_service_);
    EXPECT_THAT(own_server_.Start(), IsOk());
    stub_ = v1::BoxService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", own_server_.port())));
  }

  ~SharesTest() override {
    if (!go_on_.HasBeenNotified()) go_on_.Notify();
    own_server_.Drain();
  }

  // Some 6 KB, which count as four times as many.
  static v1::FillBoxRequest Large(absl::string_view request_id, absl::string_view box_id) {
    v1::FillBoxRequest request = Fill(request_id, box_id, 1);
    for (int i = 0; i < 450; ++i) request.add_labels()->set_text("0123456789");
    return request;
  }

  // Nothing is decided before `go_on_`.
  void HoldTheWriter() {
    absl::Notification begun;
    store::Work slow;
    slow.routing_key = "box-1";
    slow.decide = [this, &begun](rules::Transaction&) -> absl::StatusOr<std::string> {
      if (!begun.HasBeenNotified()) begun.Notify();
      go_on_.WaitForNotification();
      return "";
    };
    store_->Submit(std::move(slow), [](const absl::StatusOr<std::string>&) {});
    begun.WaitForNotification();
  }

  struct Waiting {
    grpc::ClientContext context;
    v1::FillBoxRequest request;
    v1::Box reply;
    absl::Status status;
    absl::Notification done;
  };

  void Send(Waiting& waiting, const base::v1::Actor& actor) {
    rpc::Prepare(waiting.context, actor, absl::Seconds(30));
    stub_->async()->FillBox(&waiting.context, &waiting.request, &waiting.reply,
                            [&waiting](const grpc::Status& status) {
                              waiting.status = rpc::FromGrpc(status);
                              waiting.done.Notify();
                            });
  }

  bool Taken(uint64_t least, uint64_t most) {
    for (int i = 0; i < 2'000; ++i) {
      if (shares_->bytes.taken() >= least && shares_->bytes.taken() <= most) return true;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return false;
  }

  const std::shared_ptr<rpc::Shares> shares_ = std::make_shared<rpc::Shares>(
      rpc::ShareLimits{.lists = {.all = 8, .per_caller = 4, .per_store = 4, .kept = 1},
                       .bytes = {.all = 125'000, .per_caller = 60'000, .per_store = 60'000, .kept = 25'000}});
  rpc::Environment own_edge_{*store_, policies_, clock_};
  BoxServiceImpl own_service_{own_edge_};
  rpc::Server own_server_{rpc::ServerOptions()};
  absl::Notification go_on_;
};

TEST_F(SharesTest, SYS_12_WaitingCommandsOfOneCallerAreBoundedInBytes) {
  HoldTheWriter();
  std::array<Waiting, 4> calls;
  for (size_t i = 0; i < calls.size(); ++i)
    calls[i].request = Large(absl::StrCat("r-", i), absl::StrCat("box-", i));
  Send(calls[0], Operations());
  Send(calls[1], Operations());
  ASSERT_TRUE(Taken(45'000, 60'000));
  Send(calls[2], Operations());
  calls[2].done.WaitForNotification();
  EXPECT_THAT(calls[2].status, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(calls[2].status.message()),
              HasSubstr("bytes of calls under way: the limit for one caller"));
  Send(calls[3], Manager());
  ASSERT_TRUE(Taken(70'000, 90'000));
  go_on_.Notify();
  for (const size_t i : {0, 1, 3}) {
    calls[i].done.WaitForNotification();
    EXPECT_THAT(calls[i].status, IsOk());
  }
  EXPECT_TRUE(Taken(0, 0)) << "given back with the answer";
}

TEST_F(SharesTest, SYS_12_SmallCallsDoNotCount) {
  HoldTheWriter();
  std::array<Waiting, 2> calls;
  calls[0].request = Fill("r-1", "box-1", 1);
  calls[1].request = Fill("r-2", "box-1", 1);
  for (Waiting& call : calls) Send(call, Operations());
  absl::SleepFor(absl::Milliseconds(100));
  EXPECT_EQ(shares_->bytes.taken(), 0u);
  go_on_.Notify();
  for (Waiting& call : calls) {
    call.done.WaitForNotification();
    EXPECT_THAT(call.status, IsOk());
  }
}

TEST_F(SharesTest, SYS_12_APageOnItsWayCountsInBytesToo) {
  store::Work many;
  many.routing_key = "box-1";
  many.decide = [](rules::Transaction& tx) -> absl::StatusOr<std::string> {
    for (int i = 0; i < 500; ++i) {
      RETURN_IF_ERROR(FillBox(Fill("r-1", absl::StrCat("a-box-with-a-long-name-", i), 1), tx).status());
    }
    return "";
  };
  absl::Notification done;
  store_->Submit(std::move(many), [&](const absl::StatusOr<std::string>& reply) {
    EXPECT_THAT(reply, IsOk());
    done.Notify();
  });
  done.WaitForNotification();
  v1::ListBoxesRequest request;
  request.set_page_size(500);
  const auto refused = Unary(&v1::BoxService::Stub::ListBoxes, request, Operations());
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("bytes of calls under way"));
  request.set_page_size(100);
  EXPECT_THAT(Unary(&v1::BoxService::Stub::ListBoxes, request, Operations()), IsOk());
  EXPECT_TRUE(Taken(0, 0)) << "given back with the answer";
}

TEST_F(SharesTest, SYS_12_ListsOfOneCallerAreBounded) {
  const auto list = [this] {
    return Unary(&v1::BoxService::Stub::ListBoxes, v1::ListBoxesRequest(), Operations());
  };
  {
    const Places::Place lists = shares_->lists.TakeAnyway(rules::CallerOf(Operations()), 4);
    const auto refused = list();
    EXPECT_THAT(refused, StatusIs(absl::StatusCode::kResourceExhausted));
    EXPECT_THAT(std::string(refused.status().message()), HasSubstr("lists under way"));
  }
  EXPECT_THAT(list(), IsOk());
}

TEST_F(SharesTest, SYS_12_APageThatEndsEarlyIsGoneOnWith) {
  for (int i = 0; i < 30; ++i)
    ASSERT_THAT(Call(Fill(absl::StrCat("r-", i), absl::StrCat("box-", i), 1)), IsOk());
  const auto list = [this](int page_size, const std::string& token) {
    v1::ListBoxesRequest request;
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Unary(&v1::BoxService::Stub::ListBoxes, request, Operations());
  };
  const auto all = list(30, "");
  ASSERT_THAT(all, IsOk());
  EXPECT_EQ(all->boxes_size(), 30);
  EXPECT_EQ(all->next_page_token(), "") << "nothing is left";
  const auto first = list(29, "");
  ASSERT_THAT(first, IsOk());
  const auto rest = list(29, first->next_page_token());
  ASSERT_THAT(rest, IsOk());
  EXPECT_EQ(rest->boxes_size(), 1);
}

}  // namespace
}  // namespace makegood::testing
