#include "common/rules/policy/terms.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/enum_word.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

absl::Status CheckDelivered(const orders::v1::Order& order, absl::string_view rule_id) {
  if (order.state() != orders::v1::Order::STATE_DELIVERED) {
    return Refusal(rule_id, "the order is not delivered");
  }
  // Until its return number is given the cases of the order go on; from then on the correction settles all
  // (ORD-05).
  if (order.correction().state() == orders::v1::Correction::STATE_NUMBERED ||
      order.correction().state() == orders::v1::Correction::STATE_SETTLED) {
    return Refusal(rule_id, "the delivery was a mistake, and its correction settles the order");
  }
  return absl::OkStatus();
}

absl::Status CheckWithin(int days_allowed, const WorkingDays& days, absl::Time delivered, absl::Time now,
                         absl::string_view rule_id) {
  if (now < days.EndOfDay(delivered, days_allowed)) return absl::OkStatus();
  return Refusal(rule_id, absl::StrCat("more than ", days_allowed, " days have passed since the delivery"));
}

}  // namespace

absl::Time ReceivedTime(const orders::v1::Order& order) {
  return ToTime(order.has_arrived_time() ? order.arrived_time() : order.delivered_time());
}

absl::Status CheckClaimTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies) {
  RETURN_IF_ERROR(CheckDelivered(order, "CLM-01"));
  if (order.whereabouts() == orders::v1::Order::WHEREABOUTS_NOT_ARRIVED) {
    return Refusal(
        "ORD-07",
        "the parcel was reported as not arrived and is to be sent: what is wrong with it is claimed once "
        "its arrival is recorded; if it is not sent any more, the delivery is corrected (ORD-05)");
  }
  ASSIGN_OR_RETURN(const Policy* const policy, policies.Current(order.policy().marketplace()));
  return CheckWithin(policy->claims().open_within_days(), policies.DaysOf(*policy), ReceivedTime(order), now,
                     "CLM-01");
}

absl::Status CheckWithdrawalTerm(const orders::v1::Order& order, absl::Time now, const PolicyBook& policies) {
  RETURN_IF_ERROR(CheckDelivered(order, "CLM-08"));
  ASSIGN_OR_RETURN(const Policy* const policy, policies.Current(order.policy().marketplace()));
  return CheckWithdrawalTerm(*policy, policies.DaysOf(*policy), ReceivedTime(order), now);
}

absl::Status CheckWithdrawalTerm(const Policy& policy, const WorkingDays& days, absl::Time delivered,
                                 absl::Time now) {
  const int within = policy.claims().withdraw_within_days();
  if (within == 0) return Refusal("CLM-08", absl::StrCat(policy.marketplace(), " knows no withdrawal"));
  return CheckWithin(within, days, delivered, now, "CLM-08");
}

absl::Status CheckCharged(const Policy& policy, base::v1::SurchargeKind kind) {
  const auto& kinds = policy.surcharges().kinds();
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return absl::OkStatus();
  return Refusal("PAY-04", absl::StrCat(policy.marketplace(), " does not charge for ", EnumWord(kind)));
}

}  // namespace makegood::rules
