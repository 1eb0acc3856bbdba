// How the claims service keeps its records.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/rules/times.h"
#include "common/rules/transaction.h"
#include "makegood/claims/v1/claims.pb.h"
#include "makegood/claims/v1/records.pb.h"

namespace makegood::rules {

// A claim is open until it is made good, taken back, lapsed, or rejected for good.
inline bool IsOpen(const claims::v1::Claim& claim) {
  switch (claim.state()) {
    case claims::v1::Claim::STATE_AWAITING_EVIDENCE:
    case claims::v1::Claim::STATE_VERIFYING:
    case claims::v1::Claim::STATE_APPROVED:
    case claims::v1::Claim::STATE_RESOLVING:
      return true;
    case claims::v1::Claim::STATE_REJECTED:
      return claim.has_appeal_until_time();
    default:
      return false;
  }
}

// The merchant sends something: the missing goods or a replacement (CLM-05).
inline bool IsToBeSent(const claims::v1::Claim& claim) {
  return claim.state() == claims::v1::Claim::STATE_RESOLVING &&
         (claim.resolution() == base::v1::RESOLUTION_KIND_RESHIP ||
          claim.resolution() == base::v1::RESOLUTION_KIND_REISSUE);
}

// CLM-09: the wrong item is to be fetched from the customer; not where it comes back, or has never come, by
// another way.
inline bool AwaitsCollection(const claims::v1::Claim& claim) {
  return claim.has_collect_due_time() && !claim.has_collect_time() &&
         (claim.state() == claims::v1::Claim::STATE_APPROVED ||
          claim.state() == claims::v1::Claim::STATE_RESOLVING ||
          claim.state() == claims::v1::Claim::STATE_RESOLVED) &&
         claim.resolution() != base::v1::RESOLUTION_KIND_WITHDRAWAL &&
         claim.resolution() != base::v1::RESOLUTION_KIND_CORRECTION;
}

// When what is to be sent again should be on its way: the speed that is promised, or the limit of all
// outcomes (CLM-10).
inline absl::Time SendDueTime(const claims::v1::Claim& claim) {
  const absl::Time limit = ToTime(claim.resolution_due_time());
  return claim.has_resend_due_time() ? std::min(limit, ToTime(claim.resend_due_time())) : limit;
}

// When the evidence, the decision or the outcome is due (CLM-13, CLM-03, CLM-04, CLM-10); a withdrawal has a
// term of its own (CLM-08). What was refused is due at once (SYS-13).
inline absl::Time DueTime(const claims::v1::Claim& claim) {
  if (!claim.refused_calls().empty()) return ToTime(claim.refused_calls(0).refuse_time());
  switch (claim.state()) {
    case claims::v1::Claim::STATE_AWAITING_EVIDENCE:
      return claim.has_evidence_due_time() ? ToTime(claim.evidence_due_time()) : absl::InfiniteFuture();
    case claims::v1::Claim::STATE_VERIFYING:
      return ToTime(claim.window_due_time());
    case claims::v1::Claim::STATE_APPROVED:
    case claims::v1::Claim::STATE_RESOLVING:
      if (claim.resolution() == base::v1::RESOLUTION_KIND_WITHDRAWAL) return absl::InfiniteFuture();
      return IsToBeSent(claim) ? SendDueTime(claim) : ToTime(claim.resolution_due_time());
    default:
      return absl::InfiniteFuture();
  }
}

// A withdrawal waits for its goods or its money.
inline bool IsOpen(const claims::v1::Withdrawal& withdrawal) {
  return withdrawal.state() == claims::v1::Withdrawal::STATE_OPEN ||
         withdrawal.state() == claims::v1::Withdrawal::STATE_GOODS_RETURNED;
}

// Until when it must be paid back (CLM-08). What was refused is due at once (SYS-13).
inline absl::Time DueTime(const claims::v1::Withdrawal& withdrawal) {
  return withdrawal.refused_calls().empty() ? ToTime(withdrawal.refund_due_time())
                                            : ToTime(withdrawal.refused_calls(0).refuse_time());
}

// Lists of claims are ordered by when they were opened.
template <>
struct RecordTraits<claims::v1::Claim> {
  static constexpr absl::string_view kKind = "claim";
  static std::string Id(const claims::v1::Claim& claim) { return claim.claim_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const claims::v1::Claim& claim);
  static RecordColumns Columns(const claims::v1::Claim& claim) {
    return {claim.order_id(),
            claim.merchant_id(),
            claim.customer_id(),
            claims::v1::Claim::State_Name(claim.state()),
            ToTime(claim.create_time()),
            IsOpen(claim) ? claim.policy().marketplace() : "",
            DueTime(claim)};
  }
};

template <>
struct RecordTraits<claims::v1::Withdrawal> {
  static constexpr absl::string_view kKind = "withdrawal";
  static std::string Id(const claims::v1::Withdrawal& withdrawal) { return withdrawal.withdrawal_id(); }
  static std::vector<base::v1::WorkItem> Waiting(const claims::v1::Withdrawal& withdrawal);
  static RecordColumns Columns(const claims::v1::Withdrawal& withdrawal) {
    return {withdrawal.order_id(),
            withdrawal.merchant_id(),
            withdrawal.customer_id(),
            claims::v1::Withdrawal::State_Name(withdrawal.state()),
            ToTime(withdrawal.create_time()),
            IsOpen(withdrawal) ? withdrawal.policy().marketplace() : "",
            DueTime(withdrawal)};
  }
};

template <>
struct RecordTraits<claims::v1::OrderUnits> {
  static constexpr absl::string_view kKind = "order_units";
  static std::string Id(const claims::v1::OrderUnits& units) { return units.order_id(); }
  static RecordColumns Columns(const claims::v1::OrderUnits& units) {
    return RecordColumns::ByKeyAlone(ToTime(units.create_time()));
  }
};

template <>
struct RecordTraits<claims::v1::EvidenceFile> {
  static constexpr absl::string_view kKind = "evidence_file";
  static std::string Id(const claims::v1::EvidenceFile& file) { return file.evidence_id(); }
  static RecordColumns Columns(const claims::v1::EvidenceFile& file) {
    return RecordColumns::ByKeyAlone(ToTime(file.create_time()));
  }
};

}  // namespace makegood::rules
