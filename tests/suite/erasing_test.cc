// A customer is erased over four processes, and everything they keep is searched.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/base/ids.h"
#include "common/rpc/channels.h"
#include "makegood/orders/v1/erasure_service.grpc.pb.h"
#include "tests/suite/four_processes.h"
#include "tests/suite/stories.h"
#include "tests/support/eventually.h"
#include "tests/support/files.h"
#include "tests/support/sample_files.h"
#include "tools/makegoodctl/client/evidence.h"

namespace makegood {
namespace {

using claims::v1::Claim;
using claims::v1::ClaimsService;
using notifications::v1::NotificationsService;
using orders::v1::ContactDetails;
using orders::v1::Erasure;
using orders::v1::ErasureService;
using orders::v1::OrdersService;
using orders::v1::TimelineService;
using payments::v1::PaymentsService;
using testing::Eventually;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::Operations;

constexpr char kCustomer[] = "c-1001";

base::v1::Actor Buyer() { return ctl::MakeActor(base::v1::ROLE_CUSTOMER, kCustomer); }
base::v1::Actor Seller() { return ctl::MakeActor(base::v1::ROLE_STORE_EMPLOYEE, "employee-1", "m-1"); }

// A phone number of the mark's own.
std::string PhoneOf(const std::string& mark) {
  return absl::StrCat("+4207771", absl::Dec(Sha256(mark)[0] & 0x7f, absl::kZeroPad5));
}

// Everything else in it ends in `mark`, so that it is found wherever it went.
ContactDetails Person(const std::string& mark) {
  ContactDetails person;
  person.set_name(absl::StrCat("Jmeno", mark));
  person.set_email(absl::StrCat("posta", mark, "@example.com"));
  person.set_phone(PhoneOf(mark));
  person.add_address_lines(absl::StrCat("Ulice", mark));
  person.set_city(absl::StrCat("Mesto", mark));
  person.set_postal_code(absl::StrCat("Psc", mark));
  return person;
}

class Erasing : public testing::FourProcesses {
 protected:
  Erasing() : FourProcesses("debug") {}

  void SetUp() override {
    FourProcesses::SetUp();
    orders_ = std::make_unique<ctl::Client>(Address("orders"));
    claims_ = std::make_unique<ctl::Client>(Address("claims"));
    payments_ = std::make_unique<ctl::Client>(Address("payments"));
    notifications_ = std::make_unique<ctl::Client>(Address("notifications"));
    erasures_ = ErasureService::NewStub(rpc::MakeChannel(Address("orders")));
  }

  template <typename Request>
  Request About(const std::string& order_id) {
    Request request;
    request.mutable_command()->set_request_id(absl::StrCat("r-", ++requests_));
    request.set_order_id(order_id);
    return request;
  }

  // An order that may be shipped, of a customer whose data end in `mark`.
  void Create(const std::string& order_id, const std::string& customer_id, const std::string& mark) {
    orders::v1::CreateOrderRequest create = testing::NewPaidOrder(order_id);
    create.mutable_order()->set_marketplace("tmall");
    create.mutable_order()->set_currency("CNY");
    create.mutable_order()->mutable_lines(0)->mutable_unit_price()->set_currency("CNY");
    create.mutable_order()->set_payment_method(base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY);
    create.mutable_order()->set_customer_id(customer_id);
    *create.mutable_order()->mutable_customer() = Person(mark);
    *create.mutable_order()->mutable_recipient() = Person(mark);
    const auto created =
        orders_->Call(testing::System(), *orders_->orders, &OrdersService::Stub::CreateOrder, create);
    ASSERT_TRUE(created.ok()) << created.status();
  }

  void Deliver(const std::string& order_id) {
    const auto shipped = orders_->Call(Seller(), *orders_->orders, &OrdersService::Stub::HandOver,
                                       About<orders::v1::HandOverRequest>(order_id));
    ASSERT_TRUE(shipped.ok()) << shipped.status();
    auto delivery = About<orders::v1::RecordDeliveryRequest>(order_id);
    *delivery.mutable_delivered_time() = shipped->handover_time();
    const auto delivered =
        orders_->Call(Seller(), *orders_->orders, &OrdersService::Stub::RecordDelivery, delivery);
    ASSERT_TRUE(delivered.ok()) << delivered.status();
  }

  // A claim with a photo, and words in the thread that end in `mark`.
  Claim Complain(const std::string& order_id, const std::string& mark) {
    auto open = About<claims::v1::OpenClaimRequest>(order_id);
    open.set_kind(base::v1::CLAIM_KIND_DAMAGED);
    open.add_units()->set_line_id("1");
    open.mutable_units(0)->set_quantity(1);
    absl::StatusOr<Claim> claim =
        claims_->Call(Buyer(), *claims_->claims, &ClaimsService::Stub::OpenClaim, open);
    EXPECT_TRUE(claim.ok()) << claim.status();
    if (!claim.ok()) return {};
    claim = ctl::UploadEvidence(*claims_, Buyer(), claim->claim_id(),
                                testing::SourceFile("tests/data/parcel.jpg"), "upload");
    EXPECT_TRUE(claim.ok()) << claim.status();
    auto post = About<notifications::v1::PostMessageRequest>(order_id);
    post.set_text(absl::StrCat("Zvonek", mark));
    const auto posted = notifications_->Call(Buyer(), *notifications_->notifications,
                                             &NotificationsService::Stub::PostMessage, post);
    EXPECT_TRUE(posted.ok()) << posted.status();
    return claim.value_or(Claim());
  }

  void Retract(const Claim& claim) {
    claims::v1::RetractClaimRequest retract;
    retract.mutable_command()->set_request_id("retract");
    retract.set_claim_id(claim.claim_id());
    const auto retracted =
        claims_->Call(Buyer(), *claims_->claims, &ClaimsService::Stub::RetractClaim, retract);
    ASSERT_TRUE(retracted.ok()) << retracted.status();
  }

  absl::Status Erase(const base::v1::Actor& actor, const std::string& customer_id) {
    orders::v1::EraseCustomerRequest request;
    request.mutable_command()->set_request_id(absl::StrCat("erase-", ++requests_));
    request.set_customer_id(customer_id);
    return orders_->Call(actor, *erasures_, &ErasureService::Stub::EraseCustomer, request).status();
  }

  bool IsAt(const std::string& order_id, Erasure::State state,
            Erasure::Obstacle obstacle = Erasure::OBSTACLE_UNSPECIFIED) {
    orders::v1::ListErasuresRequest request;
    request.set_customer_id(kCustomer);
    const auto page = orders_->Call(Operations(), *erasures_, &ErasureService::Stub::ListErasures, request);
    if (!page.ok()) return false;
    for (const Erasure& erasure : page->erasures()) {
      if (erasure.order_id() == order_id) return erasure.state() == state && erasure.obstacle() == obstacle;
    }
    return false;
  }

  // The files of all services, logs and e-mails among them, that hold `words`.
  std::vector<std::string> FilesWith(const std::string& words) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(data_.path())) {
      if (!entry.is_regular_file()) continue;
      if (absl::StrContains(testing::ReadFile(entry.path()), words)) found.push_back(entry.path());
    }
    return found;
  }

  bool HasEmail(const std::string& mark) const {
    const std::vector<std::string> files = FilesWith(mark);
    return std::any_of(files.begin(), files.end(),
                       [](const std::string& path) { return absl::EndsWith(path, ".eml"); });
  }

  std::vector<std::string> Timeline(const std::string& order_id) {
    orders::v1::ListTimelineRequest request;
    request.set_order_id(order_id);
    request.set_page_size(1000);
    std::vector<std::string> told;
    const auto page =
        orders_->Call(Operations(), *orders_->timelines, &TimelineService::Stub::ListTimeline, request);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return told;
    for (const auto& entry : page->entries()) told.push_back(entry.SerializeAsString());
    return told;
  }

  std::string Ledger(const std::string& order_id) {
    payments::v1::ListLedgerEntriesRequest request;
    request.set_order_id(order_id);
    const auto page = payments_->Call(Operations(), *payments_->payments,
                                      &PaymentsService::Stub::ListLedgerEntries, request);
    EXPECT_TRUE(page.ok()) << page.status();
    return page.ok() ? page->SerializeAsString() : "";
  }

  std::unique_ptr<ctl::Client> orders_, claims_, payments_, notifications_;
  std::unique_ptr<ErasureService::Stub> erasures_;
  int requests_ = 0;
};

TEST_F(Erasing, SYS_09_AnErasedCustomerIsInNoFileAndEverythingElseStays) {
  const std::string photo = testing::SampleFile("parcel.jpg").substr(200, 100);
  ASSERT_NO_FATAL_FAILURE(Create("E-1", kCustomer, "XqDorucenoXq"));
  ASSERT_NO_FATAL_FAILURE(Create("E-2", kCustomer, "XqNaCesteXq"));
  ASSERT_NO_FATAL_FAILURE(Create("E-3", "c-1002", "XqNekdoJinyXq"));
  ASSERT_NO_FATAL_FAILURE(Deliver("E-1"));
  const Claim claim = Complain("E-1", "XqDorucenoXq");
  EXPECT_THAT(FilesWith("ZvonekXqDorucenoXq"), Not(IsEmpty()));
  EXPECT_THAT(FilesWith(PhoneOf("XqDorucenoXq")), Not(IsEmpty()));
  EXPECT_THAT(FilesWith(photo), Not(IsEmpty()));
  EXPECT_TRUE(Eventually([&] { return HasEmail("XqDorucenoXq"); }));

  EXPECT_EQ(RuleOf(Erase(Buyer(), kCustomer)), "SYS-09");
  EXPECT_TRUE(absl::IsNotFound(Erase(Operations(), "c-9999")));
  ASSERT_TRUE(Erase(Operations(), kCustomer).ok());
  EXPECT_TRUE(Eventually([&] { return IsAt("E-1", Erasure::STATE_PENDING, Erasure::OBSTACLE_OPEN_CLAIM); }));
  EXPECT_TRUE(
      Eventually([&] { return IsAt("E-2", Erasure::STATE_PENDING, Erasure::OBSTACLE_ORDER_UNDER_WAY); }));

  // What must not change, and a service that is away when it is asked.
  ASSERT_NO_FATAL_FAILURE(Retract(claim));
  ASSERT_TRUE(testing::WaitForEvent(*orders_, "E-1", events::v1::Event::kClaimRetracted));
  const std::string ledger = Ledger("E-1");
  Kill("notifications");
  ASSERT_TRUE(Erase(Operations(), kCustomer).ok());
  Kill("orders");
  ASSERT_NO_FATAL_FAILURE(Start("orders"));
  ASSERT_NO_FATAL_FAILURE(Start("notifications"));
  const std::vector<std::string> timeline = Timeline("E-1");
  EXPECT_TRUE(Eventually([&] { return IsAt("E-1", Erasure::STATE_ERASED); }));
  ASSERT_TRUE(testing::WaitForEvent(*orders_, "E-1", events::v1::Event::kPersonalDataErased));

  for (const std::string& trace : {std::string("XqDorucenoXq"), PhoneOf("XqDorucenoXq"), photo}) {
    EXPECT_TRUE(Eventually([&] { return FilesWith(trace).empty(); }))
        << ::testing::PrintToString(FilesWith(trace));
  }
  EXPECT_THAT(FilesWith("XqNaCesteXq"), Not(IsEmpty())) << "under way: its courier needs the address";
  EXPECT_THAT(FilesWith("XqNekdoJinyXq"), Not(IsEmpty()));
  EXPECT_EQ(Ledger("E-1"), ledger);
  const std::vector<std::string> now = Timeline("E-1");
  ASSERT_GE(now.size(), timeline.size());
  EXPECT_TRUE(std::equal(timeline.begin(), timeline.end(), now.begin())) << "history is whole";
  EXPECT_EQ(
      RuleOf(ctl::DownloadEvidence(*claims_, Operations(), claim.claim_id(), claim.evidence(0).evidence_id())
                 .status()),
      "SYS-09");

  // The other order is called off: asked again, it goes too.
  auto cancel = About<orders::v1::CancelOrderRequest>("E-2");
  cancel.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
  cancel.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  ASSERT_TRUE(orders_->Call(Buyer(), *orders_->orders, &OrdersService::Stub::CancelOrder, cancel).ok());
  ASSERT_TRUE(Erase(Operations(), kCustomer).ok());
  EXPECT_TRUE(Eventually([&] { return IsAt("E-2", Erasure::STATE_ERASED); }));
  EXPECT_TRUE(Eventually([&] { return FilesWith("XqNaCesteXq").empty(); }))
      << ::testing::PrintToString(FilesWith("XqNaCesteXq"));
}

}  // namespace
}  // namespace makegood
