#include "common/rules/claims/claim_guards.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/claims/claim_records.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"
#include "makegood/claims/v1/claims_service.pb.h"

namespace makegood::rules {
namespace {

using base::v1::ResolutionKind;
using claims::v1::Claim;
using AskedClaim = Asked<Claim>;
using orders::v1::Order;

absl::Status CheckState(const Claim& claim, std::initializer_list<Claim::State> allowed) {
  if (std::find(allowed.begin(), allowed.end(), claim.state()) != allowed.end()) return absl::OkStatus();
  return Refusal("CLM-13", absl::StrCat("claim is ", EnumWord(claim.state())));
}

bool SendsAgain(ResolutionKind resolution) {
  return resolution == base::v1::RESOLUTION_KIND_RESHIP || resolution == base::v1::RESOLUTION_KIND_REISSUE;
}

// CLM-13: evidence is taken while it is waited for, and while it is looked at.
absl::Status MayAddEvidence(const AskedClaim& asked) {
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  if (!policy->claims().has_verification()) {
    return Refusal("CLM-13", absl::StrCat(policy->marketplace(), " does not verify claims on evidence"));
  }
  RETURN_IF_ERROR(CheckState(asked.record, {Claim::STATE_AWAITING_EVIDENCE, Claim::STATE_VERIFYING}));
  if (asked.record.state() == Claim::STATE_AWAITING_EVIDENCE &&
      asked.now >= ToTime(asked.record.evidence_due_time())) {
    return Refusal("CLM-13", "the time for evidence has passed");
  }
  return absl::OkStatus();
}

absl::Status MaySubmitEvidence(const AskedClaim& asked) {
  RETURN_IF_ERROR(CheckState(asked.record, {Claim::STATE_AWAITING_EVIDENCE}));
  RETURN_IF_ERROR(MayAddEvidence(asked));
  if (asked.record.evidence().empty()) return Refusal("CLM-02", "the claim has no evidence");
  return absl::OkStatus();
}

absl::Status MayDecide(const AskedClaim& asked) { return CheckState(asked.record, {Claim::STATE_VERIFYING}); }

// CLM-13: once, within the policy's days.
absl::Status MayAppeal(const AskedClaim& asked) {
  RETURN_IF_ERROR(CheckState(asked.record, {Claim::STATE_REJECTED}));
  if (asked.record.appealed()) return Refusal("CLM-13", "the claim was appealed before");
  if (asked.now >= ToTime(asked.record.appeal_until_time())) {
    return Refusal("CLM-13", "the time for an appeal has passed");
  }
  return absl::OkStatus();
}

// CLM-13: until money or goods move, and never out of a final state.
absl::Status MayRetract(const AskedClaim& asked) {
  if (asked.record.state() == Claim::STATE_REJECTED) return MayAppeal(asked);
  RETURN_IF_ERROR(CheckState(asked.record, {Claim::STATE_AWAITING_EVIDENCE, Claim::STATE_VERIFYING,
                                            Claim::STATE_APPROVED, Claim::STATE_RESOLVING}));
  if (MoneyOrGoodsMove(asked.record)) return Refusal("CLM-13", "money or goods are moving");
  return absl::OkStatus();
}

absl::Status MayChoose(const AskedClaim& asked) { return CheckState(asked.record, {Claim::STATE_APPROVED}); }

// CLM-05: something is being sent again.
absl::Status MaySendAgain(const AskedClaim& asked) {
  if (asked.record.state() == Claim::STATE_RESOLVING && SendsAgain(asked.record.resolution())) {
    return absl::OkStatus();
  }
  return Refusal("CLM-05", "no reship or reissue is under way");
}

absl::Status MayReportOutOfStock(const AskedClaim& asked) {
  RETURN_IF_ERROR(MaySendAgain(asked));
  if (asked.record.gross().amount_minor() > 0) return absl::OkStatus();
  return Refusal("CLM-05", "nothing was paid for these units, so that only a reship makes them good");
}

// CLM-09.
absl::Status MayRecordCollection(const Claim& claim) {
  if (AwaitsCollection(claim)) return absl::OkStatus();
  return Refusal("CLM-09", claim.has_collect_time() ? "the wrong item was fetched before"
                                                    : "no wrong item is to be fetched");
}

// CLM-06, CLM-07.
absl::Status MayCreateReturnDocument(const AskedClaim& asked) {
  const Claim& claim = asked.record;
  const bool under_way = claim.state() == Claim::STATE_RESOLVING || claim.awaits_document();
  if (!under_way || claim.resolution() != base::v1::RESOLUTION_KIND_REFUND) {
    return Refusal("CLM-06", "no refund is under way");
  }
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  if (!RefundTakesDocument(*policy)) {
    return Refusal("CLM-06", "the refund of a verified claim needs no return document");
  }
  if (!claim.return_number().empty()) return Refusal("CLM-06", "there is a return document already");
  return absl::OkStatus();
}

}  // namespace

const Action<Claim> kUploadEvidence{MethodOf<claims::v1::UploadEvidenceRequest>, MayAddEvidence};
const Action<Claim> kSubmitEvidence{MethodOf<claims::v1::SubmitEvidenceRequest>, MaySubmitEvidence};
const Action<Claim> kApproveClaim{MethodOf<claims::v1::ApproveClaimRequest>, MayDecide};
const Action<Claim> kRejectClaim{MethodOf<claims::v1::RejectClaimRequest>, MayDecide};
const Action<Claim> kAppealClaim{MethodOf<claims::v1::AppealClaimRequest>, MayAppeal};
const Action<Claim> kRetractClaim{MethodOf<claims::v1::RetractClaimRequest>, MayRetract};
const Action<Claim> kChooseResolution{MethodOf<claims::v1::ChooseResolutionRequest>, MayChoose};
const Action<Claim> kReportOutOfStock{MethodOf<claims::v1::ReportOutOfStockRequest>, MayReportOutOfStock};
const Action<Claim> kRecordReship{MethodOf<claims::v1::RecordReshipRequest>, MaySendAgain};
const Action<Claim> kRecordCollection{MethodOf<claims::v1::RecordCollectionRequest>,
                                      ByRecord<MayRecordCollection>::Guard};
const Action<Claim> kCreateReturnDocument{MethodOf<claims::v1::CreateReturnDocumentRequest>,
                                          MayCreateReturnDocument};
const Action<Claim> kRetryClaimCalls{MethodOf<claims::v1::RetryClaimCallsRequest>,
                                     ByRecord<MayRetryClaimCalls>::Guard};

Remedy RemedyForIncompleteDelivery(bool wants_goods, bool in_stock, Order::State state) {
  if (state != Order::STATE_DELIVERED) return Remedy::kNone;
  return wants_goods && in_stock ? Remedy::kSendAgain : Remedy::kReturnDocument;
}

absl::Status CheckResolution(const AskedClaim& asked, const Policy& policy, ResolutionKind resolution) {
  const auto& offered = policy.claims().resolutions();
  if (std::find(offered.begin(), offered.end(), resolution) == offered.end()) {
    const auto word = [](std::string* out, int kind) {
      absl::StrAppend(out, absl::AsciiStrToLower(EnumWord(static_cast<ResolutionKind>(kind))));
    };
    return Refusal(
        "CLM-04", absl::StrCat(policy.marketplace(), " offers ", absl::StrJoin(offered, ", ", word), ", not ",
                               absl::AsciiStrToLower(EnumWord(resolution))));
  }
  if (SendsAgain(resolution)) {
    // A claim is about a delivered order from its first moment on.
    const Remedy remedy =
        RemedyForIncompleteDelivery(true, !asked.record.out_of_stock(), Order::STATE_DELIVERED);
    if (remedy != Remedy::kSendAgain) return Refusal("CLM-05", "the merchant has nothing to send");
    return absl::OkStatus();
  }
  if (asked.record.gross().amount_minor() == 0) {
    return Refusal("CLM-04", "nothing was paid for these units");
  }
  if (resolution == base::v1::RESOLUTION_KIND_WITHDRAWAL) {
    return CheckWithdrawalTerm(policy, asked.policies.DaysOf(policy), ToTime(asked.record.delivered_time()),
                               asked.now);
  }
  return absl::OkStatus();
}

bool RefundTakesDocument(const Policy& policy) {
  return !policy.claims().has_verification() || policy.credit_notes().for_cases();
}

bool MoneyOrGoodsMove(const Claim& claim) {
  if (claim.state() != Claim::STATE_RESOLVING) return claim.state() == Claim::STATE_RESOLVED;
  switch (claim.resolution()) {
    case base::v1::RESOLUTION_KIND_REFUND:
      return claim.refund_asked();
    case base::v1::RESOLUTION_KIND_WITHDRAWAL:
      return true;
    default:
      return false;  // goods move when the reship is recorded, and then the claim is RESOLVED
  }
}

absl::Status FillActions(Claim& claim, const base::v1::Actor& actor, absl::Time now,
                         const PolicyBook& policies) {
  static constexpr const Action<Claim>* kActions[] = {
      &kRetryClaimCalls,      &kSubmitEvidence,   &kUploadEvidence, &kApproveClaim,
      &kRejectClaim,          &kChooseResolution, &kRecordReship,   &kReportOutOfStock,
      &kCreateReturnDocument, &kAppealClaim,      &kRetractClaim,   &kRecordCollection};
  const AskedClaim asked{claim, actor, now, policies};
  TellActions(kActions, claim, asked);
  HideRefusedCalls(actor, claim);
  // What the merchant's share comes to is not the customer's to see (ROL-11).
  if (actor.role() == base::v1::ROLE_CUSTOMER) claim.clear_commission();
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policy());
  claim.clear_offered_resolutions();
  if (!MayChoose(asked).ok()) return absl::OkStatus();
  for (const int resolution : policy->claims().resolutions()) {
    const auto kind = static_cast<ResolutionKind>(resolution);
    if (CheckResolution(asked, *policy, kind).ok()) claim.add_offered_resolutions(kind);
  }
  return absl::OkStatus();
}

}  // namespace makegood::rules
