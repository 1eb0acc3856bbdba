// Commands and reads, from the wire to the store and back.
#include <stdexcept>
#include <thread>

#include "absl/synchronization/notification.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "tests/rpc/rpc_test.h"

namespace makegood::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Property;

class Commands : public RpcTest {};

TEST_F(Commands, SYS_02_TheSameRequestAgainReturnsTheFirstReplyAndChangesNothing) {
  const auto first = Call(Fill("r-1", "box-1", 10));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(Call(Fill("r-2", "box-1", 5)), IsOkAndHolds(Property(&v1::Box::amount, 15)));
  const auto again = Call(Fill("r-1", "box-1", 10));
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(again->SerializeAsString(), first->SerializeAsString());
  EXPECT_THAT(Get("box-1"), IsOkAndHolds(Property(&v1::Box::version, 2)));
}

TEST_F(Commands, SYS_02_TheSameRequestIdWithOtherContentIsRefused) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  const auto refused = Call(Fill("r-1", "box-1", 11));
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAlreadyExists));
  EXPECT_EQ(RuleOf(refused.status()), "SYS-02");
  EXPECT_THAT(Get("box-1"), IsOkAndHolds(Property(&v1::Box::amount, 10)));
}

TEST_F(Commands, SYS_02_ARequestIdIsScopedToActorAndRecord) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  EXPECT_THAT(Call(Fill("r-1", "box-1", 10), Manager()), IsOkAndHolds(Property(&v1::Box::amount, 20)));
  EXPECT_THAT(Call(Fill("r-1", "box-2", 11)), IsOkAndHolds(Property(&v1::Box::amount, 11)));
}

TEST_F(Commands, SYS_02_TwoStoresPeopleOfOneNameAreTwoActors) {
  base::v1::Actor there = Manager();
  there.set_store_id("another-store");
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10), Manager()), IsOk());
  EXPECT_THAT(Call(Fill("r-1", "box-1", 11), there), IsOkAndHolds(Property(&v1::Box::amount, 21)));
  EXPECT_THAT(Call(Fill("r-1", "box-1", 10), Manager()), IsOkAndHolds(Property(&v1::Box::amount, 10)));
}

TEST_F(Commands, SYS_02_AStoreNamedByWhoIsOfNoneMakesNoOtherCaller) {
  base::v1::Actor operations = Operations();
  operations.set_store_id("m-1");
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  EXPECT_THAT(Call(Fill("r-1", "box-1", 10), operations), IsOkAndHolds(Property(&v1::Box::amount, 10)));
}

TEST_F(Commands, SYS_02_ARefusalIsDecidedAgain) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 60)), IsOk());
  EXPECT_THAT(Call(Fill("r-2", "box-2", 101)), RefusedBy("ORD-12"));
  EXPECT_THAT(Call(Fill("r-2", "box-2", 100)), IsOk());
}

TEST_F(Commands, SYS_03_ValidateOnlyAnswersInFullAndChangesNothing) {
  v1::FillBoxRequest preview = Fill("r-1", "box-1", 10);
  preview.mutable_command()->set_validate_only(true);
  EXPECT_THAT(Call(preview), IsOkAndHolds(Property(&v1::Box::amount, 10)));
  EXPECT_THAT(Get("box-1"), StatusIs(absl::StatusCode::kNotFound));
  // It is no part of the content: the same request in earnest is no other one.
  EXPECT_THAT(Call(Fill("r-1", "box-1", 10)), IsOkAndHolds(Property(&v1::Box::version, 1)));
  EXPECT_THAT(Call(preview), IsOkAndHolds(Property(&v1::Box::version, 1)));
}

TEST_F(Commands, SYS_04_StaleKnowledgeIsAborted) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  ASSERT_THAT(Call(Fill("r-2", "box-1", 10)), IsOk());
  v1::FillBoxRequest stale = Fill("r-3", "box-1", 10);
  stale.mutable_command()->set_expected_version(1);
  const auto refused = Call(stale);
  EXPECT_THAT(refused, StatusIs(absl::StatusCode::kAborted));
  EXPECT_EQ(std::string(refused.status().message()), "box box-1 is at version 2, expected 1");
  EXPECT_EQ(RuleOf(refused.status()), "SYS-04");
  EXPECT_EQ(RecordOf(refused.status()), (RecordVersion{"box", "box-1", 2}));
  stale.mutable_command()->set_expected_version(2);
  EXPECT_THAT(Call(stale), IsOkAndHolds(Property(&v1::Box::version, 3)));
}

TEST_F(Commands, SYS_07_BadInputNamesEveryFieldAndItsProblem) {
  v1::FillBoxRequest bad = Fill("", "box 1", 0);
  bad.add_labels()->set_text("far too long a label");
  bad.add_labels();
  const auto answer = Call(bad);
  for (const char* field : {"command.request_id", "box_id", "amount", "labels[0].text", "labels[1].text"}) {
    EXPECT_THAT(answer, NamesField(field));
  }
  EXPECT_EQ(FieldViolationsOf(answer.status()).size(), 5u) << answer.status();
  for (const FieldViolation& violation : FieldViolationsOf(answer.status())) {
    EXPECT_FALSE(violation.problem.empty()) << violation.field;
  }
}

TEST_F(Commands, SYS_07_ARefusalNamesItsRuleAndIsCounted) {
  EXPECT_THAT(Call(Fill("r-1", "box-1", 101)), RefusedBy("ORD-12"));
  EXPECT_THAT(Call(Fill("r-1", "box-1", 10), Customer()), DeniedBy("ROL-02"));
  EXPECT_THAT(refused_rules(), ElementsAre("ORD-12", "ROL-02"));
}

TEST_F(Commands, SYS_07_AFaultOfTheServerIsContainedAndItsTextStaysInside) {
  const auto answer = Call(Fill("r-1", "box-1", kAccident));
  EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(answer.status().message()), Not(HasSubstr("secret")));
  EXPECT_THAT(Call(Fill("r-2", "box-1", 10)), IsOk());
}

TEST_F(Commands, WhatMustBeKnownFirstIsReadFromItsOwner) {
  ASSERT_THAT(Call(Fill("r-1", "box-1", 10)), IsOk());
  v1::CopyBoxRequest copy;
  copy.mutable_command()->set_request_id("r-2");
  copy.set_box_id("box-2");
  copy.set_from_box_id("box-1");
  ASSERT_THAT(Call(copy), IsOkAndHolds(Property(&v1::Box::amount, 10)));
  // Seen before: answered as then, whatever the owner says now.
  ASSERT_THAT(Call(Fill("r-3", "box-1", 10)), IsOk());
  EXPECT_THAT(Call(copy), IsOkAndHolds(Property(&v1::Box::amount, 10)));
  copy.mutable_command()->set_request_id("r-4");
  copy.set_from_box_id("box-9");
  EXPECT_THAT(Call(copy), StatusIs(absl::StatusCode::kNotFound));

  // Nor does it matter that the owner is away.
  service_.set_owner(v1::BoxService::NewStub(rpc::MakeChannel("127.0.0.1:1")));
  EXPECT_THAT(Call(copy), StatusIs(absl::StatusCode::kUnavailable));
  copy.mutable_command()->set_request_id("r-2");
  copy.set_from_box_id("box-1");
  EXPECT_THAT(Call(copy), IsOkAndHolds(Property(&v1::Box::amount, 10)));
}

TEST_F(Commands, ACallerWhoLeftBeforeTheWorkBeganLeavesNothing) {
  absl::Notification asked;
  absl::Notification answered;
  // A service of its own whose fetch takes as long as the test wants.
  class Slow final : public v1::BoxService::CallbackService {
   public:
    Slow(const rpc::Environment& environment, absl::Notification& asked, absl::Notification& answered)
        : environment_(environment), asked_(asked), answered_(answered) {}
    grpc::ServerUnaryReactor* CopyBox(grpc::CallbackServerContext* context, const v1::CopyBoxRequest* request,
                                      v1::Box* reply) override {
      context_ = context;
      return rpc::CommandAfter<v1::Box>(
          environment_, context, request, reply, request->box_id(),
          [this](absl::AnyInvocable<void(absl::StatusOr<v1::Box>)> done) {
            thread_ = std::thread([this, done = std::move(done)]() mutable {
              answered_.WaitForNotification();
              while (!context_->IsCancelled()) std::this_thread::yield();
              done(v1::Box());
            });
            asked_.Notify();
          },
          testing::CopyBox);
    }
    void Join() { thread_.join(); }

   private:
    const rpc::Environment& environment_;
    absl::Notification& asked_;
    absl::Notification& answered_;
    grpc::CallbackServerContext* context_ = nullptr;
    std::thread thread_;
  };
  Slow slow(environment_, asked, answered);
  rpc::Server server((rpc::ServerOptions()));
  server.AddService<v1::BoxService>(slow);
  ASSERT_THAT(server.Start(), IsOk());
  const auto stub = v1::BoxService::NewStub(rpc::MakeChannel(absl::StrCat("127.0.0.1:", server.port())));

  grpc::ClientContext context;
  rpc::Prepare(context, Operations(), absl::Seconds(20));
  std::thread leaves([&] {
    asked.WaitForNotification();
    context.TryCancel();
    answered.Notify();
  });
  v1::CopyBoxRequest copy;
  copy.mutable_command()->set_request_id("r-1");
  copy.set_box_id("box-2");
  copy.set_from_box_id("box-1");
  v1::Box reply;
  EXPECT_EQ(stub->CopyBox(&context, copy, &reply).error_code(), grpc::StatusCode::CANCELLED);
  leaves.join();
  slow.Join();
  server.Drain();
  EXPECT_THAT(Get("box-2"), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(Commands, ListsComeInPagesAndOnlyTheirOwnTokensGoOn) {
  for (int i = 1; i <= 5; ++i) {
    ASSERT_THAT(Call(Fill("r-1", absl::StrCat("box-", i), i)), IsOk());
    clock_.Advance(absl::Seconds(1));
  }
  v1::ListBoxesRequest request;
  request.set_page_size(2);
  std::vector<std::string> seen;
  do {
    const auto page = Unary(&v1::BoxService::Stub::ListBoxes, request, Operations());
    ASSERT_THAT(page, IsOk());
    ASSERT_LE(page->boxes_size(), 2);
    for (const v1::Box& box : page->boxes()) seen.push_back(box.box_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, ElementsAre("box-1", "box-2", "box-3", "box-4", "box-5"));

  request.clear_page_token();
  const std::string token = Unary(&v1::BoxService::Stub::ListBoxes, request, Operations())->next_page_token();
  request.set_page_token(token);
  request.set_page_size(3);
  EXPECT_EQ(Unary(&v1::BoxService::Stub::ListBoxes, request, Operations())->boxes_size(), 3)
      << "pages may be of different sizes";
  request.set_merchant_id("m-1");
  EXPECT_THAT(Unary(&v1::BoxService::Stub::ListBoxes, request, Operations()), NamesField("page_token"))
      << "of another list its place would mean something else";
  request.clear_merchant_id();

  // Not ours, of an earlier version, and not as it was given.
  for (const std::string& wrong :
       {std::string("bm90LW91cnM"), std::string("cDE6MTpib3gtMQ"), token.substr(0, 12),
        token.substr(0, token.size() - 1), absl::StrCat(token, "A"), absl::StrCat(token, "=")}) {
    request.set_page_token(wrong);
    EXPECT_THAT(Unary(&v1::BoxService::Stub::ListBoxes, request, Operations()), NamesField("page_token"))
        << wrong;
  }
  request.clear_page_token();
  request.set_page_size(-1);
  EXPECT_THAT(Unary(&v1::BoxService::Stub::ListBoxes, request, Operations()), NamesField("page_size"));
}

TEST(Fetches, AreAskedOneAfterTheOtherAndNotAfterARefusal) {
  const auto says = [](int what) -> rpc::Fetch<int> {
    return [what](absl::AnyInvocable<void(absl::StatusOr<int>)> done) { done(what); };
  };
  const auto next = [&](const int& known) -> absl::StatusOr<rpc::Fetch<int>> {
    if (known > 5) return Refusal("ROL-06", "not yours");
    return says(known + 1);
  };
  absl::StatusOr<std::pair<int, int>> found = absl::UnknownError("");
  const auto take = [&](absl::StatusOr<std::pair<int, int>> both) { found = std::move(both); };
  rpc::FetchThen<int, int>(says(4), next)(take);
  EXPECT_THAT(found, IsOkAndHolds(::testing::Pair(4, 5)));
  rpc::FetchThen<int, int>(says(6), next)(take);
  EXPECT_THAT(found, RefusedBy("ROL-06"));
}

TEST_F(Commands, ALookIntoTheOwnStoreThatThrowsIsAnAnswer) {
  absl::StatusOr<v1::Box> found = absl::UnknownError("no answer");
  absl::Notification answered;
  rpc::FetchOwn<v1::Box>(*store_, [](store::Reader&) -> absl::StatusOr<v1::Box> {
    throw std::runtime_error("the secret of the accident");
  })([&](absl::StatusOr<v1::Box> box) {
    found = std::move(box);
    answered.Notify();
  });
  answered.WaitForNotification();
  EXPECT_THAT(found, StatusIs(absl::StatusCode::kInternal));
  EXPECT_THAT(std::string(found.status().message()), Not(HasSubstr("secret")));
}

TEST(CaseKeys, SYS_02_AreTheSameForTheSameAskedAgainByTheSame) {
  const auto key = [](const std::string& request_id, const std::string& box, const base::v1::Actor& actor) {
    v1::ShelveBoxRequest request;
    request.mutable_command()->set_request_id(request_id);
    return rpc::CaseKey(actor, request, request.command(), box);
  };
  const std::string one = key("r-1", "box-1", Operations());
  EXPECT_THAT(one, ::testing::MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(one, key("r-1", "box-1", Operations()));
  EXPECT_THAT(std::vector({key("r-2", "box-1", Operations()), key("r-1", "box-2", Operations()),
                           key("r-1", "box-1", Manager())}),
              Not(::testing::Contains(one)));
}

TEST(Statuses, SYS_07_RulesAndFieldsSurviveTheWire) {
  const absl::Status refusal = Refusal("CLM-13", "the claim is closed");
  EXPECT_EQ(rpc::FromGrpc(rpc::ToGrpc(refusal)), refusal);
  const absl::Status denied = Denied("PAY-03", "a courier may not issue");
  EXPECT_EQ(rpc::FromGrpc(rpc::ToGrpc(denied)), denied);
  for (const absl::Status& status : {Stale({"claim", "clm-1", 7}, 6), Exists({"order", "o-1", 3})}) {
    EXPECT_EQ(rpc::FromGrpc(rpc::ToGrpc(status)), status);
  }
  const absl::Status invalid = InvalidFields({{"lines[2].quantity", "is 0"}, {"box_id", "is missing"}});
  EXPECT_EQ(rpc::FromGrpc(rpc::ToGrpc(invalid)), invalid);
  EXPECT_THAT(rpc::FromGrpc(rpc::ToGrpc(absl::OkStatus())), IsOk());
}

TEST(Statuses, ThousandsOfViolationsStillFitIntoTrailers) {
  std::vector<FieldViolation> violations;
  for (int i = 0; i < 5'000; ++i)
    violations.push_back({absl::StrCat("lines[", i, "].quantity"), "is 0, want 1 or more"});
  const grpc::Status wire = rpc::ToGrpc(InvalidFields(violations));
  EXPECT_LT(wire.error_message().size() + wire.error_details().size() * 4 / 3, 8'000u);
  const std::vector<FieldViolation> told = FieldViolationsOf(rpc::FromGrpc(wire));
  ASSERT_GT(told.size(), 10u);
  EXPECT_EQ(told.front(), violations.front());
  EXPECT_EQ(told.back().problem, absl::StrCat("and ", violations.size() - told.size() + 1, " more"));
}

TEST(Statuses, AFullQueueTellsWhenToComeBack) {
  const grpc::Status wire = rpc::ToGrpc(absl::ResourceExhaustedError("the queue is full"));
  google::rpc::Status rich;
  ASSERT_TRUE(rich.ParseFromString(wire.error_details()));
  ASSERT_EQ(rich.details_size(), 1);
  google::rpc::RetryInfo retry;
  ASSERT_TRUE(rich.details(0).UnpackTo(&retry));
  EXPECT_GT(retry.retry_delay().nanos(), 0);
}

}  // namespace
}  // namespace makegood::testing
