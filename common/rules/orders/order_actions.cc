#include "common/rules/orders/order_actions.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/orders/order_scope.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/scope.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;

struct Action {
  const Method& (*method)();
  const char* scope_rule;  // the rule by which it is refused to those whose order it is not
  absl::Status (*guard)(const Order&);
};

constexpr Action kActions[] = {
    {MethodOf<orders::v1::StartShippingRequest>, "ROL-11", MayStartShipping},
    {MethodOf<orders::v1::HandOverRequest>, "ROL-11", MayHandOver},
    {MethodOf<orders::v1::RecordDeliveryRequest>, "ROL-03", MayRecordDelivery},
    {MethodOf<orders::v1::MarkReturnedRequest>, "ROL-11", MayMarkReturned},
    {MethodOf<orders::v1::CancelOrderRequest>, "ROL-05", MayCancel},
    {MethodOf<orders::v1::PlaceHoldRequest>, "ROL-11", MayPlaceHold},
    {MethodOf<orders::v1::ReleaseHoldRequest>, "ROL-11", MayReleaseHold},
    {MethodOf<orders::v1::ReportFalseDeliveryRequest>, "ROL-11", MayReportFalseDelivery},
    {MethodOf<orders::v1::AssignReturnNumberRequest>, "ROL-11", MayAssignReturnNumber},
};

absl::Status CheckAction(const Action& action, const Order& order, const Actor& actor) {
  RETURN_IF_ERROR(CheckRole(actor, action.method()));
  RETURN_IF_ERROR(CheckOrderScope(order, actor, action.scope_rule));
  return action.guard(order);
}

}  // namespace

void FillActions(Order& order, const Actor& actor) {
  order.clear_available_actions();
  for (const Action& action : kActions) {
    *order.add_available_actions() = Asked(action.method(), CheckAction(action, order, actor));
  }
}

}  // namespace makegood::rules
