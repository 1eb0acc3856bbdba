#include "common/rules/orders/order_actions.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/policy/terms.h"
#include "common/rules/scope.h"
#include "common/rules/times.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;

// What a guard looks at.
struct AskedOrder {
  const Order& order;
  absl::Time now;
  const PolicyBook& policies;
};

struct Action {
  const Method& (*method)();
  const char* scope_rule;  // the rule by which it is refused to those whose order it is not
  absl::Status (*guard)(const AskedOrder&);
};

template <absl::Status (*kGuard)(const Order&)>
absl::Status Guard(const AskedOrder& asked) {
  return kGuard(asked.order);
}

// A case begins after the delivery, within the term of the policy that is current then.
template <absl::Status (*kTerm)(const Policy&, const WorkingDays&, absl::Time delivered, absl::Time now)>
absl::Status MayBeginCase(const AskedOrder& asked, const char* rule_id) {
  if (asked.order.state() != Order::STATE_DELIVERED) return Refusal(rule_id, "the order is not delivered");
  ASSIGN_OR_RETURN(const Policy* const policy, asked.policies.Current(asked.order.policy().marketplace()));
  return kTerm(*policy, asked.policies.DaysOf(*policy), ToTime(asked.order.delivered_time()), asked.now);
}
absl::Status MayClaim(const AskedOrder& asked) { return MayBeginCase<CheckClaimTerm>(asked, "CLM-01"); }
absl::Status MayWithdraw(const AskedOrder& asked) {
  return MayBeginCase<CheckWithdrawalTerm>(asked, "CLM-08");
}

constexpr Action kActions[] = {
    {MethodOf<orders::v1::StartShippingRequest>, "ROL-11", Guard<MayStartShipping>},
    {MethodOf<orders::v1::HandOverRequest>, "ROL-11", Guard<MayHandOver>},
    {MethodOf<orders::v1::RecordDeliveryRequest>, "ROL-03", Guard<MayRecordDelivery>},
    {MethodOf<orders::v1::MarkReturnedRequest>, "ROL-11", Guard<MayMarkReturned>},
    {MethodOf<orders::v1::CancelOrderRequest>, "ROL-05", Guard<MayCancel>},
    {MethodOf<orders::v1::PlaceHoldRequest>, "ROL-11", Guard<MayPlaceHold>},
    {MethodOf<orders::v1::ReleaseHoldRequest>, "ROL-11", Guard<MayReleaseHold>},
    {MethodOf<orders::v1::ReportFalseDeliveryRequest>, "ROL-11", Guard<MayReportFalseDelivery>},
    {MethodOf<orders::v1::AssignReturnNumberRequest>, "ROL-11", Guard<MayAssignReturnNumber>},
    {MethodOf<claims::v1::OpenClaimRequest>, "ROL-06", MayClaim},
    {MethodOf<claims::v1::WithdrawPurchaseRequest>, "ROL-08", MayWithdraw},
};

absl::Status CheckAction(const Action& action, const AskedOrder& asked, const Actor& actor) {
  RETURN_IF_ERROR(CheckRole(actor, action.method()));
  RETURN_IF_ERROR(CheckOrderScope(asked.order, actor, action.scope_rule));
  return action.guard(asked);
}

}  // namespace

void FillActions(Order& order, const Actor& actor, absl::Time now, const PolicyBook& policies) {
  order.clear_available_actions();
  const AskedOrder asked{order, now, policies};
  for (const Action& action : kActions) {
    base::v1::AvailableAction answer = Asked(action.method(), CheckAction(action, asked, actor));
    *order.add_available_actions() = std::move(answer);
  }
}

}  // namespace makegood::rules
