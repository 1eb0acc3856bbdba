// The claims service end to end: claims and withdrawals.
#include "tests/services/claims_fixture.h"

namespace makegood::services {
namespace {

TEST_F(ClaimsServiceTest, CLM_01_OfParallelClaimsOnAUnitExactlyOneWins) {
  Delivered("mall");
  constexpr int kCallers = 12;
  std::atomic<int> won = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back([&] {
      const auto claim = OpenClaim({{"l-2", 1}});
      if (claim.ok()) ++won;
      if (RuleOf(claim.status()) == "CLM-01") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(won, 1);
  EXPECT_EQ(refused, kCallers - 1);
}

TEST_F(ClaimsServiceTest, SYS_02_SYS_03_SYS_04_CommandsAreAnsweredAgainPreviewedAndPinned) {
  Delivered("mall");
  auto request = testing::OpenRequest({{"l-1", 1}});
  request.mutable_command()->set_request_id("open-1");
  request.mutable_command()->set_validate_only(true);
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), IsOk());
  request.mutable_command()->set_validate_only(false);
  request.mutable_command()->set_expected_version(3);  // the order is at 4
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), StatusIs(absl::StatusCode::kAborted));
  request.mutable_command()->set_expected_version(4);
  const auto first = Call(&Stub::OpenClaim, Customer(), request);
  ASSERT_THAT(first, IsOk());
  orders_.SetDown(true);
  const auto second = Call(&Stub::OpenClaim, Customer(), request);
  ASSERT_THAT(second, IsOk());
  EXPECT_EQ(first->claim_id(), second->claim_id());
  request.mutable_units(0)->set_quantity(2);
  EXPECT_THAT(Call(&Stub::OpenClaim, Customer(), request), StatusIs(absl::StatusCode::kAlreadyExists));
  const auto unheard = OpenClaim({{"l-1", 1}});
  EXPECT_THAT(unheard, StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_EQ(RuleOf(unheard.status()), "SYS-06") << "it is not we who are away";
  auto choice = testing::ChooseRequest(*first, base::v1::RESOLUTION_KIND_RESHIP);
  choice.mutable_command()->set_expected_version(7);
  EXPECT_THAT(Do(&Stub::ChooseResolution, Customer(), choice), StatusIs(absl::StatusCode::kAborted));
}

TEST_F(ClaimsServiceTest, ROL_11_ListsAreOfTheCallersOwn) {
  Delivered("mall");
  Order other = testing::DeliveredOrder("mall", "EUR", clock_.Now(), "o-2");
  other.set_customer_id("c-2");
  other.set_merchant_id("m-2");
  orders_.Set(other);
  const Claim own = Opened();
  ASSERT_THAT(Do(&Stub::OpenClaim, Customer("c-2"),
                 testing::OpenRequest({{"l-1", 1}}, base::v1::CLAIM_KIND_WRONG, "o-2")),
              IsOk());
  claims::v1::ListClaimsRequest request;
  EXPECT_THAT(Call(&Stub::ListClaims, Operations(), request)->claims(), SizeIs(2));
  const auto listed = Call(&Stub::ListClaims, Customer(), request);
  ASSERT_THAT(listed, IsOk());
  ASSERT_THAT(listed->claims(), SizeIs(1));
  EXPECT_EQ(listed->claims(0).claim_id(), own.claim_id());
  EXPECT_FALSE(listed->claims(0).available_actions().empty());
  EXPECT_THAT(Call(&Stub::ListClaims, Employee("m-2"), request)->claims(), SizeIs(1));
  request.set_customer_id("c-2");
  EXPECT_THAT(Call(&Stub::ListClaims, Customer(), request), DeniedBy("ROL-11"));
  claims::v1::GetClaimRequest get;
  get.set_claim_id(own.claim_id());
  EXPECT_THAT(Call(&Stub::GetClaim, Customer("c-2"), get), DeniedBy("ROL-11"));
}

TEST_F(ClaimsServiceTest, CLM_04_ListsAreByStatesByWhatIsDueAndByUrgency) {
  Delivered("mall");
  Delivered("tmall", "o-2");
  const Claim first = Opened();  // APPROVED at once
  clock_.Advance(absl::Hours(1));
  const auto second = Do(&Stub::OpenClaim, Customer(),
                         testing::OpenRequest({{"l-1", 1}}, base::v1::CLAIM_KIND_DAMAGED, "o-2"));
  ASSERT_THAT(second, IsOk());
  ASSERT_EQ(second->state(), Claim::STATE_AWAITING_EVIDENCE);
  const absl::Time outcome = rules::ToTime(first.resolution_due_time());
  const absl::Time evidence = rules::ToTime(second->evidence_due_time());
  ASSERT_NE(outcome, evidence);
  const auto list = [&](const claims::v1::ListClaimsRequest& request,
                        const base::v1::Actor& actor = Operations()) {
    const auto page = Call(&Stub::ListClaims, actor, request);
    EXPECT_THAT(page, IsOk());
    std::vector<std::string> ids;
    if (page.ok()) {
      for (const Claim& claim : page->claims()) ids.push_back(claim.claim_id());
    }
    return ids;
  };
  claims::v1::ListClaimsRequest request;
  EXPECT_THAT(list(request), ElementsAre(second->claim_id(), first.claim_id())) << "newest first";
  request.add_states(Claim::STATE_APPROVED);
  EXPECT_THAT(list(request), ElementsAre(first.claim_id()));
  request.add_states(Claim::STATE_AWAITING_EVIDENCE);
  EXPECT_THAT(list(request), ElementsAre(second->claim_id(), first.claim_id()));
  request.set_most_urgent_first(true);
  const bool outcome_first = outcome < evidence;
  const std::string& urgent = outcome_first ? first.claim_id() : second->claim_id();
  const std::string& later = outcome_first ? second->claim_id() : first.claim_id();
  EXPECT_THAT(list(request), ElementsAre(urgent, later));
  EXPECT_THAT(list(request, Customer()), ElementsAre(urgent, later));
  EXPECT_THAT(list(request, Customer("c-9")), IsEmpty());
  EXPECT_THAT(list(request, Employee("m-9")), IsEmpty());

  request.set_page_size(1);
  const auto page = Call(&Stub::ListClaims, Operations(), request);
  ASSERT_THAT(page, IsOk());
  request.set_page_token(page->next_page_token());
  EXPECT_THAT(list(request), ElementsAre(later));
  request.set_most_urgent_first(false);
  EXPECT_THAT(Call(&Stub::ListClaims, Operations(), request), StatusIs(absl::StatusCode::kInvalidArgument))
      << "a token goes on with its own order alone";

  request.Clear();
  *request.mutable_due_before() = rules::ToTimestamp(std::max(outcome, evidence));
  EXPECT_THAT(list(request), ElementsAre(urgent));
  request.Clear();
  *request.mutable_created_from() = second->create_time();
  EXPECT_THAT(list(request), ElementsAre(second->claim_id()));
  request.Clear();
  *request.mutable_created_before() = second->create_time();
  EXPECT_THAT(list(request), ElementsAre(first.claim_id()));
  request.Clear();
  request.set_overdue_only(true);
  EXPECT_THAT(list(request), IsEmpty());
  clock_.MoveTo(outcome);
  EXPECT_THAT(list(request), ::testing::Contains(first.claim_id())) << "what is due now is overdue";
  request.Clear();
  request.set_marketplace(first.policy().marketplace());
  EXPECT_THAT(Call(&Stub::ListClaims, Operations(), request), testing::NamesField("marketplace"));
  request.set_most_urgent_first(true);
  EXPECT_THAT(list(request), ::testing::Contains(first.claim_id()));
  EXPECT_THAT(list(request, Customer()), ::testing::Contains(first.claim_id()));
  request.set_marketplace("elsewhere");
  EXPECT_THAT(list(request), IsEmpty());
  EXPECT_THAT(list(request, Customer()), IsEmpty());
}

TEST_F(ClaimsServiceTest, CLM_06_RFD_05_FromTheReturnDocumentToTheMoney) {
  Delivered("mall");
  const Claim claim = Opened();
  ASSERT_THAT(Do(&Stub::ChooseResolution, Customer(),
                 testing::ChooseRequest(claim, base::v1::RESOLUTION_KIND_RESHIP)),
              IsOk());
  ASSERT_THAT(
      Do(&Stub::ReportOutOfStock, Employee(), testing::About<claims::v1::ReportOutOfStockRequest>(claim)),
      IsOk());
  payments_->SetDown(true);  // SYS-06: delayed, not lost
  ASSERT_THAT(Do(&Stub::CreateReturnDocument, Operations(), testing::ReturnRequest(claim)), IsOk());
  EXPECT_THAT(payments_->asked(), IsEmpty());
  payments_->SetDown(false);
  ASSERT_TRUE(Eventually([&] { return !Get(claim).grant_id().empty(); }));
  EXPECT_EQ(payments_->asked().at(claim.claim_id()), 1);
  payments_->Settle("o-1", claim.claim_id(), Get(claim).grant_id(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_TRUE(Reaches(claim, Claim::STATE_RESOLVED));
  EXPECT_THAT(Events(&Event::has_claim_resolved), SizeIs(1));
}

TEST_F(ClaimsServiceTest, CLM_08_AWithdrawalIsPaidBackWhenTheGoodsAreBack) {
  Delivered("mall");
  claims::v1::WithdrawPurchaseRequest request;
  request.set_order_id("o-1");
  const auto opened = Do(&Stub::WithdrawPurchase, Customer(), request);
  ASSERT_THAT(opened, IsOk());
  const std::string id = opened->withdrawal_id();
  EXPECT_THAT(OpenClaim({{"l-1", 1}}), RefusedBy("CLM-01"));
  ASSERT_TRUE(Eventually([&] { return !GetWithdrawal(id).grant_id().empty(); }));
  claims::v1::RecordGoodsReturnedRequest returned;
  returned.set_withdrawal_id(id);
  ASSERT_THAT(Do(&Stub::RecordGoodsReturned, Employee(), returned), IsOk());
  const std::string grant = GetWithdrawal(id).grant_id();
  ASSERT_TRUE(Eventually([&] { return payments_->asked().at(id) == 2; }));
  payments_->Settle("o-1", id, grant, base::v1::REFUND_REASON_WITHDRAWAL);
  EXPECT_TRUE(Eventually([&] { return GetWithdrawal(id).state() == Withdrawal::STATE_SETTLED; }));
}

TEST_F(ClaimsServiceTest, CLM_03_CLM_04_CAL_01_WorkedExampleSix) {
  Order order = Delivered("tmall");
  order.mutable_lines(0)->set_unit_price_minor(19900);
  orders_.Set(order);
  const Claim a = Submitted();
  const Claim b = Submitted();
  const Claim c = Submitted();
  for (const Claim& claim : {a, b, c}) {
    EXPECT_EQ(rules::ToTime(claim.window_open_time()), At("2026-10-15T00:00+08:00"));
    EXPECT_EQ(rules::ToTime(claim.window_due_time()), At("2026-11-13T00:00+08:00"));
  }
  const auto approve = [this](const Claim& claim) {
    return Do(&Stub::ApproveClaim, Operations(), testing::About<claims::v1::ApproveClaimRequest>(claim));
  };
  clock_.MoveTo(At("2026-10-14T09:00+08:00"));
  const auto early = approve(a);
  ASSERT_THAT(early, IsOk());
  EXPECT_TRUE(early->early());

  clock_.MoveTo(At("2026-10-15T10:00+08:00"));
  const auto approved = approve(b);
  ASSERT_THAT(approved, IsOk());
  EXPECT_FALSE(approved->early());
  ASSERT_THAT(approved->refund_target_times(), SizeIs(2));
  EXPECT_EQ(rules::ToTime(approved->refund_target_times(0)), At("2026-10-17T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(approved->refund_target_times(1)), At("2026-10-18T10:00+08:00"));
  EXPECT_EQ(rules::ToTime(approved->resolution_due_time()), At("2026-11-06T00:00+08:00"));
  ASSERT_THAT(
      Do(&Stub::ChooseResolution, Customer(), testing::ChooseRequest(b, base::v1::RESOLUTION_KIND_REFUND)),
      IsOk());
  ASSERT_TRUE(Eventually([&] { return !Get(b).grant_id().empty(); }));
  clock_.MoveTo(At("2026-10-17T09:00+08:00"));
  payments_->Settle("o-1", b.claim_id(), Get(b).grant_id(), base::v1::REFUND_REASON_CLAIM);
  EXPECT_TRUE(Reaches(b, Claim::STATE_RESOLVED));

  clock_.MoveTo(At("2026-11-12T23:59+08:00"));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return app_->tasks()->Idle(); }));
  EXPECT_FALSE(Get(c).overdue());
  clock_.MoveTo(At("2026-11-13T00:00+08:00"));
  app_->tasks()->Wake();
  EXPECT_TRUE(Eventually([&] { return Get(c).overdue(); }));
  EXPECT_EQ(Get(c).state(), Claim::STATE_VERIFYING);
  EXPECT_THAT(Events(&Event::has_claim_overdue), SizeIs(1));
  EXPECT_FALSE(payments_->asked().contains(c.claim_id()));
  // Claim A was approved and its outcome never chosen: past its hard limit, told once.
  EXPECT_TRUE(Eventually([&] { return Get(a).resolution_overdue(); }));
  EXPECT_THAT(Events(&Event::has_resolution_overdue), SizeIs(1));
}

}  // namespace
}  // namespace makegood::services
