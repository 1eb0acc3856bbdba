#include "common/rules/order_actions.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/order_scope.h"
#include "common/rules/order_states.h"
#include "common/rules/scope.h"

namespace makegood::rules {
namespace {

using base::v1::Actor;

struct Action {
  const char* name;        // the method's
  const char* scope_rule;  // the rule by which it is refused to those whose order it is not
  absl::Status (*guard)(const Order&);
};

constexpr Action kActions[] = {
    {"StartShipping", "ROL-11", MayStartShipping},
    {"HandOver", "ROL-11", MayHandOver},
    {"RecordDelivery", "ROL-03", MayRecordDelivery},
    {"MarkReturned", "ROL-11", MayMarkReturned},
    {"CancelOrder", "ROL-05", MayCancel},
    {"PlaceHold", "ROL-11", MayPlaceHold},
    {"ReleaseHold", "ROL-11", MayReleaseHold},
    {"ReportFalseDelivery", "ROL-11", MayReportFalseDelivery},
    {"AssignReturnNumber", "ROL-11", MayAssignReturnNumber},
};

absl::Status CheckAction(const Action& action, const Order& order, const Actor& actor) {
  RETURN_IF_ERROR(CheckRole(actor, absl::StrCat("makegood.orders.v1.OrdersService.", action.name)));
  RETURN_IF_ERROR(CheckOrderScope(order, actor, action.scope_rule));
  return action.guard(order);
}

}  // namespace

void FillActions(Order& order, const Actor& actor) {
  order.clear_available_actions();
  for (const Action& action : kActions) {
    *order.add_available_actions() = Asked(action.name, CheckAction(action, order, actor));
  }
}

}  // namespace makegood::rules
