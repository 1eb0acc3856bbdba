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
  const char* name;  // the method's
  absl::Status (*guard)(const Order&);
};

constexpr Action kActions[] = {
    {"StartShipping", MayStartShipping},
    {"HandOver", MayHandOver},
    {"RecordDelivery", MayRecordDelivery},
    {"MarkReturned", MayMarkReturned},
    {"CancelOrder", MayCancel},
    {"PlaceHold", MayPlaceHold},
    {"ReleaseHold", MayReleaseHold},
    {"ReportFalseDelivery", MayReportFalseDelivery},
    {"AssignReturnNumber", MayAssignReturnNumber},
};

absl::Status CheckAction(const Action& action, const Order& order, const Actor& actor) {
  RETURN_IF_ERROR(CheckRole(actor, absl::StrCat("makegood.orders.v1.OrdersService.", action.name)));
  RETURN_IF_ERROR(CheckOrderScope(order, actor));
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
