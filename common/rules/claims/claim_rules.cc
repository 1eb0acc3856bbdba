#include "common/rules/claims/claim_rules.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_dates.h"
#include "common/rules/claims/claim_guards.h"
#include "common/rules/claims/claim_steps.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/order_units.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "common/rules/messages.h"
#include "common/rules/policy/return_number.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using claims::v1::Claim;
using claims::v1::Evidence;
using claims::v1::EvidenceFile;
using events::v1::Event;
using orders::v1::Order;

// CLM-01: may the order be claimed on at all.
absl::Status CheckClaimable(const Order& order, const Policy& policy, base::v1::ClaimKind kind,
                            const Transaction& tx) {
  // Before the delivery it is an incident of the order, after a return or a cancellation nothing.
  RETURN_IF_ERROR(CheckClaimTerm(order, tx.now(), tx.policies()));
  const auto& kinds = policy.claims().kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    return Refusal("CLM-01", absl::StrCat(policy.marketplace(), " does not handle claims of this kind"));
  }
  return absl::OkStatus();
}

// What the claim takes over from the order, whose later changes do not touch it.
void CopyOrder(const Order& order, const UnitsPrice& price, Claim& claim) {
  const std::string& currency = order.total().currency();
  claim.set_order_id(order.order_id());
  claim.set_merchant_id(order.merchant_id());
  claim.set_customer_id(order.customer_id());
  *claim.mutable_delivered_time() = ToTimestamp(ReceivedTime(order));
  claim.set_zone(order.address().zone());
  claim.set_order_units(DeliveredUnits(order));
  *claim.mutable_delivery_fee() = FeeOf(order);
  *claim.mutable_gross() = MakeMoney(price.gross_minor, currency);
  *claim.mutable_vat() = MakeMoney(price.vat_minor, currency);
  *claim.mutable_commission() = MakeMoney(price.commission_minor, currency);
}

// CLM-02: all files of a claim together.
absl::Status CheckRoom(const Claim& claim, const Evidence& file, const Policy& policy) {
  int64_t bytes = file.size_bytes();
  for (const Evidence& there : claim.evidence()) bytes += there.size_bytes();
  const int64_t most = policy.claims().verification().max_claim_bytes();
  if (bytes <= most) return absl::OkStatus();
  return Refusal("CLM-02",
                 absl::StrCat("with this file the claim would hold ", bytes, " bytes, the most is ", most));
}

// Remembers that the claim refers to the file; both are of one part.
absl::Status ReferTo(const Evidence& file, const Claim& claim, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<EvidenceFile> found, tx.Find<EvidenceFile>(file.evidence_id()));
  EvidenceFile record = found.has_value() ? *std::move(found) : EvidenceFile();
  record.set_evidence_id(file.evidence_id());
  record.add_claim_ids(claim.claim_id());
  tx.Put(record);
  return absl::OkStatus();
}

// CLM-03: the beginning of a verdict, which is marked early or overdue where it is.
absl::StatusOr<ClaimAndPolicy> BeginVerdict(const Action<Claim>& action, absl::string_view claim_id,
                                            Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(action, claim_id, tx));
  Claim& claim = loaded.claim;
  SettleDates(claim, *loaded.policy, tx);
  CancelTimer(kDecisionDue, claim.claim_id(), tx);
  NoteDecisionOverdue(claim, tx.now(), tx);
  claim.set_early(tx.now() < ToTime(claim.window_open_time()));
  *claim.mutable_decision_time() = ToTimestamp(tx.now());
  return loaded;
}

void SetResolution(Claim& claim, base::v1::ResolutionKind resolution, const Policy& policy) {
  claim.set_state(Claim::STATE_RESOLVING);
  claim.set_resolution(resolution);
  claim.set_awaits_document(resolution == base::v1::RESOLUTION_KIND_REFUND && RefundTakesDocument(policy));
}

void ChooseAndAnnounce(Claim& claim, base::v1::ResolutionKind resolution, const std::string& customer_word,
                       const Policy& policy, Transaction& tx) {
  SetResolution(claim, resolution, policy);
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_resolution_chosen()->set_resolution(resolution);
  event.mutable_resolution_chosen()->set_customer_word(customer_word);
  event.mutable_resolution_chosen()->set_return_document_due(claim.awaits_document());
  tx.Emit(std::move(event));
}

// CLM-04: the refund of a verified claim is granted at once. CLM-06, CLM-07: any other waits for
// Operations' return document.
void BeginRefund(Claim& claim, const Policy& policy, Transaction& tx) {
  if (policy.claims().has_verification()) CallGrantRefund(claim, tx);
}

base::v1::SlaOutcome KeptBy(const google::protobuf::Timestamp& due, absl::Time now) {
  return now <= ToTime(due) ? base::v1::SLA_OUTCOME_MET : base::v1::SLA_OUTCOME_MISSED;
}

// CLM-10: how fast goods are sent again is promised for the zone of the address.
void SetResendDue(Claim& claim, const Policy& policy, const Transaction& tx) {
  for (const base::v1::ResendSpeed& speed : policy.claims().resend_within()) {
    if (speed.zone() != claim.zone()) continue;
    *claim.mutable_resend_due_time() =
        ToTimestamp(speed.within_hours() > 0 ? tx.now() + absl::Hours(speed.within_hours())
                                             : tx.policies().DaysOf(policy).EndOfDay(tx.now(), 0));
  }
}

// CLM-05: never by the marketplace's own delivery service.
absl::Status CheckCarrier(const Policy& policy, absl::string_view carrier) {
  const absl::string_view asked = absl::StripAsciiWhitespace(carrier);
  for (const std::string& forbidden : policy.claims().forbidden_reship_carriers()) {
    if (absl::EqualsIgnoreCase(asked, forbidden)) {
      return Refusal("CLM-05", absl::StrCat("a merchant does not reship by ", forbidden));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Claim> OpenClaim(const claims::v1::OpenClaimRequest& request, const Order& order,
                                Transaction& tx) {
  RETURN_IF_ERROR(CheckAccess(tx.actor(), MethodOf<claims::v1::OpenClaimRequest>(), order.merchant_id(),
                              order.customer_id()));
  RETURN_IF_ERROR(tx.CheckVersion({"order", order.order_id(), order.version()}));
  RETURN_IF_ERROR(CheckLinesNamedOnce(request.units()));
  ASSIGN_OR_RETURN(const Policy* policy, tx.policies().Current(order.policy().marketplace()));
  RETURN_IF_ERROR(CheckClaimable(order, *policy, request.kind(), tx));
  // The commission was agreed when the order was made (POL-02).
  ASSIGN_OR_RETURN(const Policy* agreed, tx.policies().At(order.policy()));

  Claim claim;
  claim.set_claim_id(tx.NewId("clm"));
  *claim.mutable_policy() = RefTo(*policy);
  claim.set_kind(request.kind());
  *claim.mutable_units() = request.units();
  claim.set_reporter(tx.actor().role());
  CopyOrder(order, PriceOf(order, request.units(), agreed->orders().commission_basis_points()), claim);
  RETURN_IF_ERROR(TakeUnits(order, claim.claim_id(), claim.units(), tx));

  const bool verifies = policy->claims().has_verification();
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ClaimOpened& opened = *event.mutable_claim_opened();
  opened.set_kind(claim.kind());
  opened.set_line_count(claim.units_size());
  opened.set_awaits_evidence(verifies);
  tx.Emit(std::move(event));
  if (verifies) {
    const absl::Time due = tx.policies().DaysOf(*policy).EndOfDay(
        tx.now(), policy->claims().verification().evidence_within_days());
    claim.set_state(Claim::STATE_AWAITING_EVIDENCE);
    *claim.mutable_evidence_due_time() = ToTimestamp(due);
    SetTimer(kEvidenceDue, claim.claim_id(), due, tx);
  } else {
    RETURN_IF_ERROR(Approve(claim, *policy, tx));
  }
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> AddEvidence(absl::string_view claim_id, const Evidence& file, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kUploadEvidence, claim_id, tx));
  Claim& claim = loaded.claim;
  for (const Evidence& there : claim.evidence()) {
    if (there.evidence_id() != file.evidence_id()) continue;
    RETURN_IF_ERROR(FillActions(claim, tx.actor(), tx.now(), tx.policies()));
    return claim;  // the same file twice on a claim is one file
  }
  RETURN_IF_ERROR(CheckRoom(claim, file, *loaded.policy));
  RETURN_IF_ERROR(ReferTo(file, claim, tx));
  Evidence& added = *claim.add_evidence();
  added = file;
  *added.mutable_time() = ToTimestamp(tx.now());
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::EvidenceAdded& announced = *event.mutable_evidence_added();
  announced.set_evidence_id(file.evidence_id());
  announced.set_content_type(file.content_type());
  announced.set_size_bytes(file.size_bytes());
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> SubmitEvidence(const claims::v1::SubmitEvidenceRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kSubmitEvidence, request.claim_id(), tx));
  Claim& claim = loaded.claim;
  CancelTimer(kEvidenceDue, claim.claim_id(), tx);
  Submit(claim, *loaded.policy, tx);
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> ApproveClaim(const claims::v1::ApproveClaimRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginVerdict(kApproveClaim, request.claim_id(), tx));
  Claim& claim = loaded.claim;
  claim.clear_rejection_reason();
  RETURN_IF_ERROR(Approve(claim, *loaded.policy, tx));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> RejectClaim(const claims::v1::RejectClaimRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginVerdict(kRejectClaim, request.claim_id(), tx));
  Claim& claim = loaded.claim;
  claim.set_state(Claim::STATE_REJECTED);
  claim.set_rejection_reason(request.reason());
  claim.clear_appeal_until_time();
  if (claim.appealed()) {
    RETURN_IF_ERROR(FreeUnits(claim.order_id(), claim.claim_id(), tx));
  } else {
    const absl::Time until =
        tx.policies()
            .DaysOf(*loaded.policy)
            .EndOfDay(tx.now(), loaded.policy->claims().verification().appeal_within_days());
    *claim.mutable_appeal_until_time() = ToTimestamp(until);
    SetTimer(kAppealEnds, claim.claim_id(), until, tx);
  }
  Event event = EventAbout(claim, claim.claim_id());
  events::v1::ClaimRejected& rejected = *event.mutable_claim_rejected();
  rejected.set_kind(claim.kind());
  rejected.set_early(claim.early());
  *rejected.mutable_submitted_time() = claim.submit_time();
  rejected.set_verification(claim.overdue() ? base::v1::SLA_OUTCOME_MISSED : base::v1::SLA_OUTCOME_MET);
  if (claim.has_appeal_until_time()) *rejected.mutable_appeal_until_time() = claim.appeal_until_time();
  rejected.set_final(claim.appealed());
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> AppealClaim(const claims::v1::AppealClaimRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kAppealClaim, request.claim_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  Claim& claim = loaded.claim;
  CancelTimer(kAppealEnds, claim.claim_id(), tx);
  claim.set_appealed(true);
  claim.clear_appeal_until_time();
  claim.clear_rejection_reason();
  StartClock(claim, *loaded.policy, tx);
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_claim_appealed()->set_customer_word(request.customer_word());
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> RetractClaim(const claims::v1::RetractClaimRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kRetractClaim, request.claim_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  Claim& claim = loaded.claim;
  claim.set_state(Claim::STATE_RETRACTED);
  claim.set_awaits_document(false);
  CancelTimers(claim.claim_id(), tx);
  RETURN_IF_ERROR(FreeUnits(claim.order_id(), claim.claim_id(), tx));
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_claim_retracted()->set_kind(claim.kind());
  event.mutable_claim_retracted()->set_customer_word(request.customer_word());
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> ChooseResolution(const claims::v1::ChooseResolutionRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kChooseResolution, request.claim_id(), tx));
  RETURN_IF_ERROR(CheckCustomerWord(tx.actor(), request.customer_word()));
  Claim& claim = loaded.claim;
  RETURN_IF_ERROR(CheckResolution(AskedNow(claim, tx), *loaded.policy, request.resolution()));
  ChooseAndAnnounce(claim, request.resolution(), request.customer_word(), *loaded.policy, tx);
  switch (request.resolution()) {
    case base::v1::RESOLUTION_KIND_REFUND:
      BeginRefund(claim, *loaded.policy, tx);
      break;
    case base::v1::RESOLUTION_KIND_WITHDRAWAL:
      CancelTimer(kResolutionDue, claim.claim_id(), tx);  // the withdrawal has its own term
      RETURN_IF_ERROR(WithdrawForClaim(claim, tx));
      break;
    default:
      SetResendDue(claim, *loaded.policy, tx);
      break;  // the merchant's turn: RecordReship or ReportOutOfStock
  }
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> ReportOutOfStock(const claims::v1::ReportOutOfStockRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kReportOutOfStock, request.claim_id(), tx));
  Claim& claim = loaded.claim;
  claim.set_out_of_stock(true);
  claim.clear_resend_due_time();
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_goods_unavailable()->set_chosen(claim.resolution());
  SetResolution(claim, base::v1::RESOLUTION_KIND_REFUND, *loaded.policy);
  event.mutable_goods_unavailable()->set_return_document_due(claim.awaits_document());
  tx.Emit(std::move(event));
  BeginRefund(claim, *loaded.policy, tx);
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> RecordReship(const claims::v1::RecordReshipRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kRecordReship, request.claim_id(), tx));
  RETURN_IF_ERROR(CheckCarrier(*loaded.policy, request.carrier()));
  Claim& claim = loaded.claim;
  claim.set_reship_carrier(request.carrier());
  claim.set_reship_tracking_number(request.tracking_number());
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_goods_reshipped()->set_carrier(request.carrier());
  event.mutable_goods_reshipped()->set_tracking_number(request.tracking_number());
  if (claim.has_resend_due_time()) claim.set_resend_speed(KeptBy(claim.resend_due_time(), tx.now()));
  event.mutable_goods_reshipped()->set_speed(claim.resend_speed());
  tx.Emit(std::move(event));
  RETURN_IF_ERROR(SetUse(claim.order_id(), claim.claim_id(), claims::v1::TakenUnits::USE_RESENT, tx));
  Resolve(claim, *loaded.policy, tx.now(), tx);
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> RecordCollection(const claims::v1::RecordCollectionRequest& request, Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kRecordCollection, request.claim_id(), tx));
  Claim& claim = loaded.claim;
  *claim.mutable_collect_time() = ToTimestamp(tx.now());
  claim.set_collect_outcome(KeptBy(claim.collect_due_time(), tx.now()));
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_wrong_item_collected()->set_outcome(claim.collect_outcome());
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

absl::StatusOr<Claim> CreateReturnDocument(const claims::v1::CreateReturnDocumentRequest& request,
                                           Transaction& tx) {
  ASSIGN_OR_RETURN(ClaimAndPolicy loaded, BeginStep(kCreateReturnDocument, request.claim_id(), tx));
  RETURN_IF_ERROR(CheckReturnNumber(*loaded.policy, request.return_number()));
  Claim& claim = loaded.claim;
  claim.set_return_number(request.return_number());
  claim.set_awaits_document(false);
  CallGrantRefund(claim, tx);
  Event event = EventAbout(claim, claim.claim_id());
  event.mutable_return_document_created()->set_return_number(claim.return_number());
  *event.mutable_return_document_created()->mutable_gross() = claim.gross();
  tx.Emit(std::move(event));
  return EndStep(std::move(claim), tx);
}

}  // namespace makegood::rules
