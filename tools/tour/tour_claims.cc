// Claims on evidence, with a verification window on the Chinese calendar: worked example 6.
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/makegoodctl/client/evidence.h"
#include "tools/makegoodctl/client/files.h"
#include "tools/tour/tour.h"
#include "tools/tour/tour_steps.h"

namespace makegood::ctl {
namespace {

using claims::v1::Claim;
using orders::v1::Order;
using ClaimsStub = claims::v1::ClaimsService::Stub;
using OrdersStub = orders::v1::OrdersService::Stub;
using PaymentsStub = payments::v1::PaymentsService::Stub;

Claim Open(Tour& tour, const std::string& order_id, base::v1::ClaimKind kind) {
  auto request = tour.New<claims::v1::OpenClaimRequest>();
  request.set_order_id(order_id);
  request.set_kind(kind);
  claims::v1::ClaimedUnits& units = *request.add_units();
  units.set_line_id("1");
  units.set_quantity(1);
  Client& client = tour.client();
  const auto claim =
      client.Call(CustomerOf(tour.Order(order_id)), *client.claims, &ClaimsStub::OpenClaim, request);
  tour.Promise(claim.ok() && claim->state() == Claim::STATE_AWAITING_EVIDENCE,
               absl::StrCat(order_id, ": a claim, waiting for evidence",
                            claim.ok() ? "" : ": " + claim.status().ToString()));
  return claim.ok() ? *claim : Claim();
}

// Any of the commands that take a claim and nothing else.
template <typename Request>
absl::StatusOr<Claim> Move(Tour& tour, const base::v1::Actor& actor,
                           grpc::Status (ClaimsStub::*method)(grpc::ClientContext*, const Request&, Claim*),
                           const Claim& claim) {
  auto request = tour.New<Request>();
  request.set_claim_id(claim.claim_id());
  Client& client = tour.client();
  return client.Call(actor, *client.claims, method, request);
}

absl::StatusOr<Claim> Upload(Tour& tour, const Claim& claim, absl::string_view file) {
  return UploadEvidence(tour.client(), CustomerOf(tour.Order(claim.order_id())), claim.claim_id(),
                        tour.File(file), tour.NextRequestId());
}

absl::StatusOr<Claim> Submit(Tour& tour, const Claim& claim) {
  return Move<claims::v1::SubmitEvidenceRequest>(tour, CustomerOf(tour.Order(claim.order_id())),
                                                 &ClaimsStub::SubmitEvidence, claim);
}

absl::StatusOr<Claim> Approve(Tour& tour, const Claim& claim) {
  return Move<claims::v1::ApproveClaimRequest>(tour, Operations(), &ClaimsStub::ApproveClaim, claim);
}

absl::Status Reissue(Tour& tour, const Claim& claim) {
  auto request = tour.New<claims::v1::RecordReshipRequest>();
  request.set_claim_id(claim.claim_id());
  request.set_carrier("Carrier");
  Client& client = tour.client();
  return client
      .Call(EmployeeOf(tour.Order(claim.order_id())), *client.claims, &ClaimsStub::RecordReship, request)
      .status();
}

void RoundTrip(Tour& tour, const Claim& claim, absl::string_view file, absl::string_view content_type) {
  const auto uploaded = Upload(tour, claim, file);
  if (!uploaded.ok() || uploaded->evidence_size() != 1) {
    return tour.Promise(false, absl::StrCat(file, " is stored: ", uploaded.status().ToString()));
  }
  const auto again = Upload(tour, claim, file);
  tour.Promise(
      uploaded->evidence(0).content_type() == content_type && again.ok() && again->evidence_size() == 1,
      absl::StrCat(file, " is stored as ", content_type, ", twice sent is once kept (CLM-02)"));
  const auto sent = ReadFile(tour.File(file));
  const auto back =
      DownloadEvidence(tour.client(), Operations(), claim.claim_id(), uploaded->evidence(0).evidence_id());
  tour.Promise(sent.ok() && back.ok() && *sent == *back,
               absl::StrCat(file, " comes back byte for byte (CLM-02)"));
}

struct Claims {
  Claim a, b, c, video, appealed, lapsed, retracted;
};

Claims OpenClaims(Tour& tour) {
  tour.Chapter("Friday 25 September: seven claims to Tmall");
  tour.MoveTo("2026-09-25T10:00+08:00");
  Claims claims;
  claims.a = Open(tour, "T-3001", base::v1::CLAIM_KIND_DAMAGED);
  claims.b = Open(tour, "T-3002", base::v1::CLAIM_KIND_WRONG);
  claims.c = Open(tour, "T-3003", base::v1::CLAIM_KIND_DAMAGED);
  claims.video = Open(tour, "T-3004", base::v1::CLAIM_KIND_DAMAGED);
  claims.appealed = Open(tour, "T-3005", base::v1::CLAIM_KIND_WRONG);
  claims.lapsed = Open(tour, "T-3006", base::v1::CLAIM_KIND_MISSING);
  claims.retracted = Open(tour, "T-3007", base::v1::CLAIM_KIND_WRONG);
  tour.Refused(Upload(tour, claims.a, "not_a_photo.jpg").status(), "CLM-02", "a text file named .jpg");
  RoundTrip(tour, claims.a, "photo.jpg", "image/jpeg");
  RoundTrip(tour, claims.b, "photo.png", "image/png");
  RoundTrip(tour, claims.video, "clip.mp4", "video/mp4");
  tour.Accepted(Upload(tour, claims.c, "photo.jpg").status(), "claim C has its photo");
  tour.Accepted(Upload(tour, claims.appealed, "photo.png").status(), "T-3005's claim has its photo");
  const auto submitted = Submit(tour, claims.a);
  tour.Promise(submitted.ok() && IsAt(submitted->window_open_time(), "2026-10-15T00:00+08:00") &&
                   IsAt(submitted->window_due_time(), "2026-11-13T00:00+08:00"),
               "claim A is submitted: window from 15 October to the end of 12 November (CLM-03)");
  for (const Claim* claim : {&claims.b, &claims.c, &claims.video, &claims.appealed}) {
    tour.Accepted(Submit(tour, *claim).status(), absl::StrCat(claim->order_id(), "'s claim is submitted"));
  }
  tour.Accepted(Move<claims::v1::RetractClaimRequest>(tour, CustomerOf(tour.Order("T-3007")),
                                                      &ClaimsStub::RetractClaim, claims.retracted)
                    .status(),
                "T-3007's claim is taken back (CLM-13)");
  return claims;
}

void RejectAndAppeal(Tour& tour, const Claim& claim) {
  tour.MoveTo("2026-09-28T09:00+08:00");
  auto reject = tour.New<claims::v1::RejectClaimRequest>();
  reject.set_claim_id(claim.claim_id());
  reject.set_reason(Claim::REJECTION_REASON_EVIDENCE_UNCLEAR);
  Client& client = tour.client();
  tour.Accepted(client.Call(Operations(), *client.claims, &ClaimsStub::RejectClaim, reject).status(),
                "T-3005's claim is rejected");
  const auto appeal = [&] {
    return Move<claims::v1::AppealClaimRequest>(tour, CustomerOf(tour.Order("T-3005")),
                                                &ClaimsStub::AppealClaim, claim)
        .status();
  };
  tour.Accepted(appeal(), "its customer appeals (CLM-13)");
  tour.Refused(appeal(), "CLM-13", "a second appeal");
}

void Decide(Tour& tour, const Claims& claims) {
  tour.Chapter("October: verdicts");
  tour.MoveTo("2026-10-14T09:00+08:00");
  const auto early = Approve(tour, claims.a);
  tour.Promise(early.ok() && early->early(),
               "claim A, decided on 14 October, is approved and marked early (CLM-03)");
  tour.Promise(tour.Claim(claims.lapsed.claim_id()).state() == Claim::STATE_LAPSED,
               "T-3006's claim, without evidence, has lapsed (CLM-13)");
  tour.MoveTo("2026-10-15T10:00+08:00");
  const auto on_time = Approve(tour, claims.b);
  tour.Promise(on_time.ok() && !on_time->early() && on_time->refund_target_times_size() == 2 &&
                   IsAt(on_time->refund_target_times(0), "2026-10-17T10:00+08:00") &&
                   IsAt(on_time->refund_target_times(1), "2026-10-18T10:00+08:00") &&
                   IsAt(on_time->resolution_due_time(), "2026-11-06T00:00+08:00"),
               "claim B, approved 15 October 10:00: targets 17 and 18 October 10:00, limit end of 5 November "
               "(CLM-04)");
  tour.Accepted(Choose(tour, claims.b, base::v1::RESOLUTION_KIND_REFUND),
                "claim B: the customer wants the money");
  tour.Accepted(Choose(tour, claims.a, base::v1::RESOLUTION_KIND_REISSUE),
                "claim A: the customer wants a new one");
  tour.Accepted(Approve(tour, claims.video).status(), "T-3004's claim is approved on its video");
  tour.Accepted(Choose(tour, claims.video, base::v1::RESOLUTION_KIND_REISSUE), "and a new teapot chosen");
  tour.Accepted(Approve(tour, claims.appealed).status(), "T-3005's claim is approved on appeal");
  tour.Accepted(Choose(tour, claims.appealed, base::v1::RESOLUTION_KIND_REFUND), "and the money chosen");
  tour.Settle();
  const auto refunds = tour.Refunds("T-3002");
  tour.Promise(refunds.size() == 1 && refunds[0].amount().amount_minor() == 19900,
               "199.00 CNY are on their way");
  tour.MoveTo("2026-10-16T14:00+08:00");
  tour.PayRefunds("T-3002");
  tour.PayRefunds("T-3005");
  tour.Accepted(Reissue(tour, claims.a), "claim A: a new one is sent");
  tour.Accepted(Reissue(tour, claims.video), "T-3004: a new teapot is sent");
  tour.Settle();
  for (const Claim* claim : {&claims.a, &claims.b, &claims.video, &claims.appealed}) {
    tour.Promise(tour.Claim(claim->claim_id()).state() == Claim::STATE_RESOLVED,
                 absl::StrCat(claim->order_id(), "'s claim is RESOLVED"));
  }
}

void LetTheWindowClose(Tour& tour, const Claim& claim) {
  tour.Chapter("12 November ends: claim C is undecided");
  tour.MoveTo("2026-11-12T23:59+08:00");
  tour.Promise(!tour.Claim(claim.claim_id()).overdue(), "a minute before midnight it is not overdue");
  tour.MoveTo("2026-11-13T00:00+08:00");
  tour.MoveTo("2026-11-20T00:00+08:00");
  const Claim after = tour.Claim(claim.claim_id());
  tour.Promise(after.overdue() && after.state() == Claim::STATE_VERIFYING,
               "at midnight it is overdue, and nobody has decided it (CLM-03)");
  tour.Promise(tour.EventCount("T-3003", events::v1::Event::kClaimOverdue) == 1, "one escalation, not more");
  tour.Promise(tour.Refunds("T-3003").empty(), "no refund");
}

}  // namespace

void PlayShipping(Tour& tour) {
  tour.Chapter("14 to 20 September: twelve orders to China, eight within Europe");
  tour.MoveTo("2026-09-14T09:00+08:00");
  for (int i = 3001; i <= 3012; ++i) Dispatch(tour, absl::StrCat("T-", i));
  for (int i = 4003; i <= 4008; ++i) Dispatch(tour, absl::StrCat("D-", i));
  Dispatch(tour, "D-4001");
  Client& client = tour.client();
  auto cancel = tour.New<orders::v1::CancelOrderRequest>();
  cancel.set_order_id("D-4002");
  cancel.mutable_cancellation()->set_initiator(base::v1::INITIATOR_CUSTOMER);
  cancel.mutable_cancellation()->set_reason(base::v1::CANCEL_REASON_CUSTOMER_REQUEST);
  tour.Accepted(
      client.Call(CustomerOf(tour.Order("D-4002")), *client.orders, &OrdersStub::CancelOrder, cancel)
          .status(),
      "D-4002's customer cancels before it leaves (ORD-03)");
  tour.MoveTo("2026-09-20T11:00+08:00");
  for (int i = 3001; i <= 3012; ++i) Deliver(tour, absl::StrCat("T-", i));
  for (int i = 4003; i <= 4008; ++i) Deliver(tour, absl::StrCat("D-", i));
  Deliver(tour, "D-4001");

  const Order cash = tour.Order("D-4001");
  auto collected = tour.New<payments::v1::RecordPaymentRequest>();
  collected.set_order_id("D-4001");
  *collected.mutable_amount() = cash.total();
  collected.set_reference("collection-4001");
  collected.set_destination(payments::v1::Payment::DESTINATION_STORE_ACCOUNT);
  tour.Accepted(client.Call(System(), *client.payments, &PaymentsStub::RecordPayment, collected).status(),
                "the courier's collection for D-4001 is recorded (RFD-02)");

  tour.Settle();
  tour.PayRefunds("D-4002");
  for (int i = 4001; i <= 4008; ++i) tour.Story(absl::StrCat("D-", i));
}

void PlayClaims(Tour& tour) {
  const Claims claims = OpenClaims(tour);
  RejectAndAppeal(tour, claims.appealed);
  Decide(tour, claims);
  LetTheWindowClose(tour, claims.c);
  for (int i = 3001; i <= 3012; ++i) tour.Story(absl::StrCat("T-", i));
}

}  // namespace makegood::ctl
