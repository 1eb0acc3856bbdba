// RFD-05: a return number belongs to one order, whichever service gives it.
#include "tests/services/claims_fixture.h"
#include "tests/services/orders_fixture.h"

namespace makegood::services {
namespace {

constexpr char kNumber[] = "4712345678";
constexpr char kOtherNumber[] = "4787654321";

// Papers of claims and withdrawals.
class NumbersOfCases : public ClaimsServiceTest {
 protected:
  // A claim that waits for its return document.
  Claim WithRefund(absl::string_view order_id, const Units& units = {{"l-1", 1}}) {
    const auto claim = OpenClaim(units, order_id);
    EXPECT_THAT(claim, IsOk());
    EXPECT_THAT(Do(&Stub::ChooseResolution, Customer(),
                   testing::ChooseRequest(*claim, base::v1::RESOLUTION_KIND_REFUND)),
                IsOk());
    return *claim;
  }

  Withdrawal Withdrawn(const std::string& order_id) {
    claims::v1::WithdrawPurchaseRequest request;
    request.set_order_id(order_id);
    testing::AddUnits({{"l-2", 1}}, request);
    const auto withdrawal = Do(&Stub::WithdrawPurchase, Customer(), request);
    EXPECT_THAT(withdrawal, IsOk());
    return withdrawal.value_or(Withdrawal());
  }

  absl::StatusOr<Claim> Document(const Claim& claim, absl::string_view number = kNumber) {
    return Do(&Stub::CreateReturnDocument, Operations(), testing::ReturnRequest(claim, number));
  }

  absl::StatusOr<Withdrawal> Document(const Withdrawal& withdrawal, absl::string_view number = kNumber) {
    claims::v1::CreateWithdrawalDocumentRequest request;
    request.set_withdrawal_id(withdrawal.withdrawal_id());
    request.set_return_number(std::string(number));
    return Do(&Stub::CreateWithdrawalDocument, Operations(), request);
  }

  // A paper that another service of the same marketplace gives, as corrections do.
  absl::StatusOr<orders::v1::ReturnNumber> Bind(const std::string& order_id, absl::string_view number,
                                                absl::string_view marketplace = "mall") {
    const auto channel = rpc::MakeChannel(absl::StrCat("127.0.0.1:", others_->port()));
    orders::v1::ReturnNumbersService::Stub stub(channel);
    orders::v1::BindReturnNumberRequest request;
    request.mutable_command()->set_request_id(NextId());
    request.set_order_id(order_id);
    request.set_marketplace(std::string(marketplace));
    request.set_return_number(std::string(number));
    grpc::ClientContext context;
    rpc::Prepare(context, rules::ServiceActor("orders"), kPatience);
    orders::v1::ReturnNumber reply;
    const grpc::Status status = stub.BindReturnNumber(&context, request, &reply);
    if (!status.ok()) return rpc::FromGrpc(status);
    return reply;
  }
};

TEST_F(NumbersOfCases, RFD_05_ANumberOfAnotherOrderIsRefusedToClaimsAndWithdrawals) {
  for (const char* order : {"o-1", "o-2", "o-3"}) Delivered("mall", order);
  const Claim first = WithRefund("o-1");
  ASSERT_THAT(Document(first), IsOk());
  const Claim second = WithRefund("o-2");
  const auto refused = Document(second);
  EXPECT_THAT(refused, RefusedBy("RFD-05"));
  EXPECT_THAT(std::string(refused.status().message()), ::testing::Not(::testing::HasSubstr("o-1")));
  EXPECT_THAT(Get(second).return_number(), IsEmpty());
  const Withdrawal third = Withdrawn("o-3");
  EXPECT_THAT(Document(third), RefusedBy("RFD-05"));
  EXPECT_THAT(GetWithdrawal(third.withdrawal_id()).return_number(), IsEmpty());
  ASSERT_THAT(Document(third, kOtherNumber), IsOk());
  EXPECT_THAT(Document(second, kOtherNumber), RefusedBy("RFD-05"));
  EXPECT_THAT(Document(second, "4700000001"), IsOk());
}

TEST_F(NumbersOfCases, RFD_05_CasesOfOneOrderMayShareANumberOrNot) {
  Delivered("mall");
  ASSERT_THAT(Document(WithRefund("o-1")), IsOk());
  ASSERT_THAT(Document(WithRefund("o-1")), IsOk()) << "the same";
  ASSERT_THAT(Document(Withdrawn("o-1")), IsOk());
  EXPECT_THAT(Document(WithRefund("o-1"), kOtherNumber), IsOk()) << "another";
  EXPECT_THAT(Bind("o-1", kNumber), IsOk()) << "its correction, too";
  EXPECT_THAT(Bind("o-2", kNumber), RefusedBy("RFD-05")) << "that of another order";
}

TEST_F(NumbersOfCases, RFD_05_ACorrectionsNumberIsRefusedToCasesOfAnotherOrder) {
  Delivered("mall");
  ASSERT_THAT(Bind("o-2", kNumber), IsOk());
  const Claim claim = WithRefund("o-1");
  EXPECT_THAT(Document(claim), RefusedBy("RFD-05"));
  ASSERT_THAT(Bind("o-3", kOtherNumber, "default"), IsOk());
  EXPECT_THAT(Document(claim, kOtherNumber), IsOk()) << "a marketplace's numbers are its own";
}

TEST_F(NumbersOfCases, RFD_05_WhatIsRefusedOtherwiseTakesNoNumber) {
  Delivered("mall");
  const auto opened = OpenClaim({{"l-1", 1}}, "o-1");
  ASSERT_THAT(opened, IsOk());
  EXPECT_THAT(Document(*opened), RefusedBy("CLM-06")) << "no refund is under way";
  const Claim claim = WithRefund("o-1");
  EXPECT_THAT(Do(&Stub::CreateReturnDocument, Employee(), testing::ReturnRequest(claim, kNumber)),
              DeniedBy("ROL-07"));
  auto stale = testing::ReturnRequest(claim, kNumber);
  stale.mutable_command()->set_expected_version(1);
  EXPECT_THAT(Do(&Stub::CreateReturnDocument, Operations(), stale), StatusIs(absl::StatusCode::kAborted));
  auto preview = testing::ReturnRequest(claim, kNumber);
  preview.mutable_command()->set_validate_only(true);
  EXPECT_THAT(Do(&Stub::CreateReturnDocument, Operations(), preview), IsOk());
  Claim unknown = claim;
  unknown.set_claim_id("clm-of-nothing");
  EXPECT_THAT(Document(unknown), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Bind("o-2", kNumber), IsOk()) << "nobody's until now";
  EXPECT_THAT(Do(&Stub::CreateReturnDocument, Operations(), preview), RefusedBy("RFD-05"))
      << "a preview says what the command would";
}

TEST_F(NumbersOfCases, SYS_02_SYS_06_WhereTheOwnerIsAwayNothingIsTakenAndARetryFindsIt) {
  Delivered("mall");
  const Claim claim = WithRefund("o-1");
  auto request = testing::ReturnRequest(claim, kNumber);
  request.mutable_command()->set_request_id("document-1");
  numbers_->SetDown(true);
  EXPECT_THAT(Call(&Stub::CreateReturnDocument, Operations(), request),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Get(claim).return_number(), IsEmpty());
  numbers_->SetDown(false);
  *numbers_to_lose_ = 1;  // it is taken, and nobody hears of it
  EXPECT_THAT(Call(&Stub::CreateReturnDocument, Operations(), request),
              StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Bind("o-2", kNumber), RefusedBy("RFD-05"));
  const auto made = Call(&Stub::CreateReturnDocument, Operations(), request);
  ASSERT_THAT(made, IsOk());
  EXPECT_EQ(made->return_number(), kNumber);
  numbers_->SetDown(true);
  const auto again = Call(&Stub::CreateReturnDocument, Operations(), request);
  ASSERT_THAT(again, IsOk()) << "answered as it was";
  EXPECT_EQ(again->SerializeAsString(), made->SerializeAsString());
  EXPECT_THAT(Events(&Event::has_return_document_created), SizeIs(1));
}

// Whoever was about to give it died: no paper comes of it any more.
TEST_F(NumbersOfCases, RFD_05_ANumberThatNoPaperCameOfIsFreeAfterADay) {
  for (const char* order : {"o-1", "o-2", "o-3", "o-4"}) Delivered("mall", order);
  ASSERT_THAT(Bind("o-1", kNumber), IsOk());
  const Claim claim = WithRefund("o-2");
  clock_.Advance(absl::Hours(23));
  EXPECT_THAT(Document(claim), RefusedBy("RFD-05")) << "it may still be on its way";
  clock_.Advance(absl::Hours(1));
  ASSERT_THAT(Document(claim), IsOk());
  const Withdrawal withdrawal = Withdrawn("o-3");
  ASSERT_THAT(Document(withdrawal, kOtherNumber), IsOk());
  clock_.Advance(absl::Hours(48));
  EXPECT_THAT(Bind("o-1", kNumber), RefusedBy("RFD-05")) << "a claim's paper has it now";
  EXPECT_THAT(Bind("o-4", kOtherNumber), RefusedBy("RFD-05")) << "a withdrawal's";
  EXPECT_THAT(Bind("o-2", kNumber), IsOk()) << "its own order";
}

TEST_F(NumbersOfCases, RFD_05_SYS_06_WhereClaimsCannotBeAskedANumberStaysWithItsOrder) {
  ASSERT_THAT(Bind("o-1", kNumber), IsOk());
  clock_.Advance(absl::Hours(25));
  server_->Drain();
  EXPECT_THAT(Bind("o-2", kNumber), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_THAT(Bind("o-1", kNumber), IsOk()) << "nothing is to be asked";
}

TEST_F(NumbersOfCases, RFD_05_OfManyOrdersThatAskAtOnceOneGetsTheNumber) {
  std::vector<Claim> claims;
  for (int i = 0; i < 8; ++i) {
    const std::string order = absl::StrCat("o-", i);
    Delivered("mall", order);
    claims.push_back(WithRefund(order));
  }
  std::atomic<int> given = 0;
  std::atomic<int> refused = 0;
  std::vector<std::thread> callers;
  for (const Claim& claim : claims) {
    callers.emplace_back([&] {
      const auto made = Document(claim);
      if (made.ok()) ++given;
      if (RuleOf(made.status()) == "RFD-05") ++refused;
    });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(given, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_THAT(Events(&Event::has_return_document_created), SizeIs(1));
}

}  // namespace
}  // namespace makegood::services

namespace makegood::testing {
namespace {

// Numbers of corrections.
class NumbersOfCorrections : public OrdersTest {
 protected:
  // An order whose DELIVERED was a mistake.
  void Reported(absl::string_view order_id) {
    ASSERT_THAT(CreateOpen(order_id), IsOk());
    ASSERT_THAT(Call(Manager(), &OrdersService::Stub::HandOver, About<HandOverRequest>(order_id)), IsOk());
    auto delivered = About<orders::v1::RecordDeliveryRequest>(order_id);
    *delivered.mutable_delivered_time() = rules::ToTimestamp(service_.clock().Now());
    ASSERT_THAT(Call(Manager(), &OrdersService::Stub::RecordDelivery, delivered), IsOk());
    ASSERT_THAT(Call(Manager(), &OrdersService::Stub::ReportFalseDelivery,
                     About<orders::v1::ReportFalseDeliveryRequest>(order_id)),
                IsOk());
  }

  absl::StatusOr<Order> Number(absl::string_view order_id, absl::string_view number = "4712345678",
                               absl::string_view request_id = "") {
    auto request = About<orders::v1::AssignReturnNumberRequest>(order_id);
    request.set_return_number(std::string(number));
    return Call(Operations(), &OrdersService::Stub::AssignReturnNumber, request, request_id);
  }

  // As the claims service asks for a case of the order.
  absl::StatusOr<orders::v1::ReturnNumber> Bind(const std::string& order_id,
                                                const Actor& actor = rules::ServiceActor("claims")) {
    orders::v1::BindReturnNumberRequest request;
    request.set_order_id(order_id);
    request.set_marketplace("mall");
    request.set_return_number("4712345678");
    return Call(actor, &orders::v1::ReturnNumbersService::Stub::BindReturnNumber, request);
  }
};

TEST_F(NumbersOfCorrections, RFD_05_ORD_05_ANumberOfAnotherOrderIsRefused) {
  Reported("o-1");
  Reported("o-2");
  ASSERT_THAT(Number("o-1", "4712345678", "number-1"), IsOk());
  EXPECT_THAT(Number("o-2"), RefusedBy("RFD-05"));
  EXPECT_EQ(Get("o-2").correction().return_number(), "");
  service_.Restart();
  Connect();
  EXPECT_THAT(Number("o-2"), RefusedBy("RFD-05")) << "also by another run";
  EXPECT_THAT(Number("o-1", "4712345678", "number-1"), IsOk()) << "the same command again";
  EXPECT_THAT(Bind("o-1"), IsOk()) << "a case of the same order";
  EXPECT_THAT(Bind("o-2"), RefusedBy("RFD-05")) << "a case of another";
  EXPECT_THAT(Number("o-2", "4787654321"), IsOk());
}

TEST_F(NumbersOfCorrections, RFD_05_ANumberThatACaseOfAnotherOrderHasIsRefused) {
  Reported("o-1");
  ASSERT_THAT(Bind("o-2"), IsOk());
  EXPECT_THAT(Number("o-1"), RefusedBy("RFD-05"));
  EXPECT_THAT(Number("o-1", "4787654321"), IsOk());
}

TEST_F(NumbersOfCorrections, RFD_05_ACorrectionKeepsItsNumberForEver) {
  Reported("o-1");
  ASSERT_THAT(Number("o-1"), IsOk());
  service_.clock().Advance(absl::Hours(48));
  EXPECT_THAT(Bind("o-2"), RefusedBy("RFD-05"));
}

TEST_F(NumbersOfCorrections, RFD_05_WhatIsRefusedOtherwiseTakesNoNumber) {
  ASSERT_THAT(CreateOpen("o-1"), IsOk());
  EXPECT_THAT(Number("o-1"), RefusedBy("ORD-05")) << "nothing is reported";
  EXPECT_THAT(Bind("o-2", Operations()), DeniedBy("RFD-05")) << "for services alone";
  EXPECT_THAT(Bind("o-2"), IsOk()) << "nobody's until now";
}

}  // namespace
}  // namespace makegood::testing
