#include "common/rules/orders/order_actions.h"

#include <algorithm>

#include "absl/status/status.h"
#include "common/base/status.h"
#include "common/rules/orders/hold_table.h"
#include "common/rules/orders/order_states.h"
#include "common/rules/policy/terms.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/incidents/v1/incidents_service.pb.h"
#include "makegood/orders/v1/addresses_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"

namespace makegood::rules {
namespace {

using orders::v1::Hold;

absl::Status MayReleaseHold(const Asked<Order>& asked) {
  absl::Status refused = Refusal("ORD-12", "has no hold");
  for (const Hold& hold : asked.record.holds()) {
    refused = CheckReleases(hold.name(), hold.reference_id(), asked.actor);
    if (refused.ok()) break;
  }
  return refused;
}

absl::Status MayClaim(const Asked<Order>& asked) {
  return CheckClaimTerm(asked.record, asked.now, asked.policies);
}

absl::Status MayWithdraw(const Asked<Order>& asked) {
  return CheckWithdrawalTerm(asked.record, asked.now, asked.policies);
}

const Action<Order> kOpenClaim{MethodOf<claims::v1::OpenClaimRequest>, MayClaim};
const Action<Order> kWithdrawPurchase{MethodOf<claims::v1::WithdrawPurchaseRequest>, MayWithdraw};

}  // namespace

const Action<Order> kStartShipping{MethodOf<orders::v1::StartShippingRequest>,
                                   ByRecord<MayStartShipping>::Guard};
const Action<Order> kHandOver{MethodOf<orders::v1::HandOverRequest>, ByRecord<MayHandOver>::Guard};
const Action<Order> kRecordDelivery{MethodOf<orders::v1::RecordDeliveryRequest>,
                                    ByRecord<MayRecordDelivery>::Guard};
const Action<Order> kMarkReturned{MethodOf<orders::v1::MarkReturnedRequest>,
                                  ByRecord<MayMarkReturned>::Guard};
const Action<Order> kCancelOrder{MethodOf<orders::v1::CancelOrderRequest>, ByRecord<MayCancel>::Guard};
const Action<Order> kTakeOffUnits{MethodOf<orders::v1::TakeOffUnitsRequest>, ByRecord<MayTakeOff>::Guard};
const Action<Order> kChangeAddress{MethodOf<orders::v1::ChangeAddressRequest>,
                                   ByRecord<MayChangeAddress>::Guard};
const Action<Order> kPlaceHold{MethodOf<orders::v1::PlaceHoldRequest>, ByRecord<MayPlaceHold>::Guard};
const Action<Order> kReleaseHold{MethodOf<orders::v1::ReleaseHoldRequest>, MayReleaseHold};
const Action<Order> kRecordPick{MethodOf<incidents::v1::RecordPickRequest>, ByRecord<MayRecordPick>::Guard};
const Action<Order> kReportIncident{MethodOf<incidents::v1::ReportIncidentRequest>,
                                    ByRecord<MayReportIncident>::Guard};
const Action<Order> kReportFalseDelivery{MethodOf<orders::v1::ReportFalseDeliveryRequest>,
                                         ByRecord<MayReportFalseDelivery>::Guard};
const Action<Order> kAssignReturnNumber{MethodOf<orders::v1::AssignReturnNumberRequest>,
                                        ByRecord<MayAssignReturnNumber>::Guard};

// The usual course first: so they are told.
void FillActions(Order& order, const base::v1::Actor& actor, absl::Time now, const PolicyBook& policies) {
  static constexpr const Action<Order>* kActions[] = {
      &kReleaseHold,        &kStartShipping,       &kRecordPick,     &kHandOver,
      &kRecordDelivery,     &kOpenClaim,           &kTakeOffUnits,   &kMarkReturned,
      &kCancelOrder,        &kWithdrawPurchase,    &kReportIncident, &kPlaceHold,
      &kAssignReturnNumber, &kReportFalseDelivery, &kChangeAddress};
  TellActions(kActions, order, actor, now, policies);
}

}  // namespace makegood::rules
