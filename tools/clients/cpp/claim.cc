// One claim from the order to the refund, through Makegood's generated C++ stubs and nothing else of it.
//
// makegood-client-example SERVER PHOTO [RUN]: RUN names this run's order and requests; a new one by
// default. Prints each step; exits 1 with a sentence where something is not as promised. Started by
// tools/clients/run cpp.
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/util/time_util.h>
#include <grpcpp/grpcpp.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>

#include "call.h"
#include "makegood/base/v1/test_clock.grpc.pb.h"
#include "makegood/claims/v1/claims_service.grpc.pb.h"
#include "makegood/orders/v1/orders_service.grpc.pb.h"
#include "makegood/orders/v1/timeline_service.grpc.pb.h"
#include "makegood/payments/v1/payments_service.grpc.pb.h"

namespace example {
namespace {

namespace base = makegood::base::v1;
namespace claims = makegood::claims::v1;
namespace orders = makegood::orders::v1;
namespace payments = makegood::payments::v1;
using claims::Claim;
using google::protobuf::Timestamp;
using google::protobuf::util::TimeUtil;
using orders::Order;
using payments::Refund;
using Clock = base::TestClockService::Stub;
using Claims = claims::ClaimsService::Stub;
using Orders = orders::OrdersService::Stub;
using Payments = payments::PaymentsService::Stub;
using Timelines = orders::TimelineService::Stub;

constexpr Actor kSystem = {"service", "marketplace"};
constexpr Actor kEmployee = {"store_employee", "employee-1001", "m-1001"};
constexpr Actor kCourier = {"courier", "courier-1001"};
constexpr Actor kCustomer = {"customer", "c-1001"};
constexpr Actor kOperations = {"operations", "op-1001"};
constexpr int64_t kPrice = 19'900;  // fen
constexpr size_t kPiece = 65'536;   // bytes

// The stubs of one server, and the names of this run's order and requests.
struct Client {
  Client(const std::string& server, std::string run_name)
      : channel(Connect(server)), run(std::move(run_name)) {}

  // A command's request. One request_id per intention: a program that may die in between stores it
  // before it sends.
  template <typename Request>
  Request New(const std::string& intention) const {
    Request request;
    request.mutable_command()->set_request_id(run + "-" + intention);
    return request;
  }
  template <typename Request>
  Request About(const std::string& intention, const Claim& claim) const {
    auto request = New<Request>(intention);
    request.set_claim_id(claim.claim_id());
    return request;
  }

  Claim Get(const Claim& claim) {
    claims::GetClaimRequest request;
    request.set_claim_id(claim.claim_id());
    return Call(claims, &Claims::GetClaim, request, kCustomer);
  }

  Timestamp Advance(const Timestamp& to) {
    base::AdvanceTimeRequest request;
    *request.mutable_to_time() = to;
    base::ClockTime reached;
    const grpc::Status status = Try(clock, &Clock::AdvanceTime, request, reached, kOperations);
    if (status.ok()) return reached.time();
    // AdvanceTime has no request_id. Sent again after a lost answer, it may find that the clock is there or
    // further, and be refused, for the clock only goes forward: what was wanted is so already.
    if (status.error_code() != grpc::FAILED_PRECONDITION) Fail(status.error_message());
    return Call(clock, &Clock::GetTime, base::GetTimeRequest(), kOperations).time();
  }

  const std::shared_ptr<grpc::Channel> channel;
  Clock clock{channel};
  Claims claims{channel};
  Orders orders{channel};
  Timelines timelines{channel};
  Payments payments{channel};
  const std::string run;
  const std::string order_id = "order-" + run;
};

orders::CreateOrderRequest OneTeapot(const Client& client) {
  auto request = client.New<orders::CreateOrderRequest>("create");
  orders::NewOrder& order = *request.mutable_order();
  order.set_order_id(client.order_id);
  order.set_marketplace("tmall");
  order.set_merchant_id("m-1001");
  order.set_customer_id("c-1001");
  order.set_language("en");
  order.set_payment_method(base::PAYMENT_METHOD_PREPAID);
  order.set_currency("CNY");
  orders::NewOrderLine& line = *order.add_lines();
  line.set_line_id("1");
  line.set_sku("TEAPOT");
  line.set_quantity(1);
  line.mutable_unit_price()->set_amount_minor(kPrice);
  line.mutable_unit_price()->set_currency("CNY");
  line.set_vat_basis_points(1300);
  return request;
}

void DeliverAnOrder(Client& client) {
  Order order = Call(client.orders, &Orders::CreateOrder, OneTeapot(client), kSystem);
  Promise(order.state() == Order::STATE_BLOCKED, client.order_id + " is created, BLOCKED until it is paid");
  auto pay = client.New<payments::RecordPaymentRequest>("pay");
  pay.set_order_id(client.order_id);
  *pay.mutable_amount() = order.total();
  pay.set_reference("card-" + client.run);
  pay.set_destination(payments::Payment::DESTINATION_STORE_ACCOUNT);
  Call(client.payments, &Payments::RecordPayment, pay, kSystem);
  orders::GetOrderRequest get;
  get.set_order_id(client.order_id);
  WaitUntil("paid, it is OPEN", [&] {
    return Call(client.orders, &Orders::GetOrder, get, kSystem).state() == Order::STATE_OPEN;
  });
  auto ship = client.New<orders::HandOverRequest>("ship");
  ship.set_order_id(client.order_id);
  ship.set_carrier("Carrier");
  ship.set_courier_id(kCourier.id);
  order = Call(client.orders, &Orders::HandOver, ship, kEmployee);
  auto deliver = client.New<orders::RecordDeliveryRequest>("deliver");
  deliver.set_order_id(client.order_id);
  *deliver.mutable_delivered_time() = client.Advance(order.handover_time() + TimeUtil::HoursToDuration(48));
  order = Call(client.orders, &Orders::RecordDelivery, deliver, kCourier);
  Promise(order.state() == Order::STATE_DELIVERED,
          "it is DELIVERED at " + TimeUtil::ToString(order.delivered_time()));
}

Claim OpenAClaim(Client& client) {
  auto request = client.New<claims::OpenClaimRequest>("claim");
  request.set_order_id(client.order_id);
  request.set_kind(base::CLAIM_KIND_DAMAGED);
  claims::ClaimedUnits& units = *request.add_units();
  units.set_line_id("1");
  units.set_quantity(1);
  const Claim claim = Call(client.claims, &Claims::OpenClaim, request, kCustomer);
  Promise(claim.state() == Claim::STATE_AWAITING_EVIDENCE,
          "claim " + claim.claim_id() + " waits for evidence");
  const Claim again = Call(client.claims, &Claims::OpenClaim, request, kCustomer);
  claims::ListClaimsRequest list;
  list.set_order_id(client.order_id);
  const int count = Call(client.claims, &Claims::ListClaims, list, kOperations).claims_size();
  Promise(google::protobuf::util::MessageDifferencer::Equals(again, claim) && count == 1,
          "the same request again: the first reply, and still one claim (SYS-02)");

  *request.mutable_command() = client.New<claims::OpenClaimRequest>("claim-again").command();
  Promise(Refused(client.claims, &Claims::OpenClaim, request, kCustomer).rule == "CLM-01",
          "the same unit cannot be claimed twice");
  units.set_quantity(0);
  const Refusal refusal = Refused(client.claims, &Claims::OpenClaim, request, kCustomer);
  Promise(refusal.fields.count("units[0].quantity") == 1, "none of it cannot be claimed");
  return claim;
}

// A header, then the bytes in pieces: a client stream.
grpc::Status Upload(Client& client, grpc::ClientContext& context, const std::string& content, Claim& claim) {
  claims::UploadEvidenceRequest piece;
  *piece.mutable_header() = client.About<claims::EvidenceHeader>("photo", claim);
  piece.mutable_header()->set_size_bytes(static_cast<int64_t>(content.size()));
  const auto stream = client.claims.UploadEvidence(&context, &claim);
  bool open = stream->Write(piece);
  for (size_t at = 0; open && at < content.size(); at += kPiece) {
    piece.set_chunk(content.substr(at, kPiece));
    open = stream->Write(piece);
  }
  stream->WritesDone();
  return stream->Finish();
}

Claim SubmitEvidence(Client& client, Claim claim, const std::string& photo) {
  std::ifstream file(photo, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  const grpc::Status uploaded = Retrying(
      kCustomer, [&](grpc::ClientContext& context) { return Upload(client, context, content, claim); });
  Promise(uploaded.ok() && claim.evidence_size() == 1,
          uploaded.ok() ? "the photo is stored as " + claim.evidence(0).content_type()
                        : uploaded.error_message());
  const auto submit = client.About<claims::SubmitEvidenceRequest>("submit", claim);
  claim = Call(client.claims, &Claims::SubmitEvidence, submit, kCustomer);
  Promise(claim.state() == Claim::STATE_VERIFYING, "the evidence is complete, the verdict is due from " +
                                                       TimeUtil::ToString(claim.window_open_time()) + " to " +
                                                       TimeUtil::ToString(claim.window_due_time()));
  return claim;
}

void AwaitTheVerdict(Client& client, Claim claim) {
  Say("the test clock moves to " + TimeUtil::ToString(client.Advance(claim.window_open_time())));
  // The timeline streams each entry as it comes; the claim itself says what is true.
  grpc::ClientContext context;
  Begin(context, kCustomer);
  orders::StreamTimelineRequest follow;
  follow.set_order_id(client.order_id);
  const auto timeline = client.timelines.StreamTimeline(&context, follow);
  // Operations decides on the version it looked at: ABORTED, should the claim have moved on (SYS-04).
  auto approve = client.About<claims::ApproveClaimRequest>("approve", claim);
  approve.mutable_command()->set_expected_version(claim.version());
  Call(client.claims, &Claims::ApproveClaim, approve, kOperations);
  Say("the customer's timeline:");
  for (orders::TimelineEntry entry; timeline->Read(&entry);) {
    Say("   " + TimeUtil::ToString(entry.time()) + "  " + entry.text());
    claim = client.Get(claim);
    if (claim.state() != Claim::STATE_VERIFYING && entry.time() >= claim.decision_time()) break;
  }
  context.TryCancel();
  Promise(claim.state() == Claim::STATE_APPROVED && !claim.early(), "the verdict: APPROVED");
}

void TakeTheRefund(Client& client, const Claim& claim) {
  auto choose = client.About<claims::ChooseResolutionRequest>("refund", claim);
  choose.set_resolution(base::RESOLUTION_KIND_REFUND);
  Call(client.claims, &Claims::ChooseResolution, choose, kCustomer);
  payments::ListRefundsRequest list;
  list.set_order_id(client.order_id);
  list.set_customer_id(kCustomer.id);
  payments::ListRefundsResponse page;
  WaitUntil("a refund follows", [&] {
    page = Call(client.payments, &Payments::ListRefunds, list, kCustomer);
    return page.refunds_size() > 0;
  });
  Refund refund = page.refunds(0);
  Promise(refund.state() == Refund::STATE_PENDING && refund.amount().amount_minor() == kPrice,
          refund.refund_id() + ": 199.00 CNY, PENDING");
  auto settle = client.New<payments::SettleRefundRequest>("settle");
  settle.set_refund_id(refund.refund_id());
  settle.set_provider_reference("bank-" + client.run);
  Call(client.payments, &Payments::SettleRefund, settle, kOperations);
  payments::GetRefundRequest get;
  get.set_refund_id(refund.refund_id());
  refund = Call(client.payments, &Payments::GetRefund, get, kCustomer);
  Promise(refund.state() == Refund::STATE_SETTLED, "Operations paid it: SETTLED");
  WaitUntil("the claim is RESOLVED", [&] { return client.Get(claim).state() == Claim::STATE_RESOLVED; });
}

}  // namespace
}  // namespace example

int main(int argc, char** argv) {
  if (argc < 3) example::Fail("the arguments are SERVER PHOTO [RUN]");
  example::Client client(argv[1], argc > 3 ? argv[3] : std::to_string(std::random_device()()));
  example::DeliverAnOrder(client);
  const auto claim = example::SubmitEvidence(client, example::OpenAClaim(client), argv[2]);
  example::AwaitTheVerdict(client, claim);
  example::TakeTheRefund(client, claim);
  example::Say("all as promised");
}
