#include "common/rules/work/work_table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "makegood/claims/v1/claims_service.pb.h"
#include "makegood/deliveries/v1/deliveries_service.pb.h"
#include "makegood/incidents/v1/incidents_service.pb.h"
#include "makegood/orders/v1/addresses_service.pb.h"
#include "makegood/orders/v1/orders_service.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "makegood/stores/v1/stores_service.pb.h"

namespace makegood::rules {
namespace {

using base::v1::WorkKind;
using base::v1::WorkTurn;

constexpr auto kCustomer = base::v1::WORK_TURN_CUSTOMER;
constexpr auto kMerchant = base::v1::WORK_TURN_MERCHANT;
constexpr auto kOperations = base::v1::WORK_TURN_OPERATIONS;
constexpr auto kCourier = base::v1::WORK_TURN_COURIER;
constexpr size_t kMost = 2;

struct Row {
  WorkKind kind;
  WorkTurn turn;
  WorkMethod methods[kMost];
  absl::string_view subjects = "";  // where only of ids that begin so
};

constexpr Row kRows[] = {
    {base::v1::WORK_KIND_SUBMIT_EVIDENCE,
     kCustomer,
     {MethodOf<claims::v1::UploadEvidenceRequest>, MethodOf<claims::v1::SubmitEvidenceRequest>}},
    {base::v1::WORK_KIND_DECIDE_CLAIM,
     kOperations,
     {MethodOf<claims::v1::ApproveClaimRequest>, MethodOf<claims::v1::RejectClaimRequest>}},
    {base::v1::WORK_KIND_CHOOSE_RESOLUTION, kCustomer, {MethodOf<claims::v1::ChooseResolutionRequest>}},
    {base::v1::WORK_KIND_SEND_AGAIN,
     kMerchant,
     {MethodOf<claims::v1::RecordReshipRequest>, MethodOf<claims::v1::ReportOutOfStockRequest>}},
    {base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT,
     kOperations,
     {MethodOf<claims::v1::CreateWithdrawalDocumentRequest>},
     "wdr-"},
    {base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT,
     kOperations,
     {MethodOf<claims::v1::CreateReturnDocumentRequest>}},
    {base::v1::WORK_KIND_RETURN_GOODS,
     kCustomer,
     {MethodOf<claims::v1::RecordGoodsReturnedRequest>, MethodOf<claims::v1::CloseWithdrawalRequest>}},
    {base::v1::WORK_KIND_RETRY_CALLS,
     kOperations,
     {MethodOf<claims::v1::RetryWithdrawalCallsRequest>},
     "wdr-"},
    {base::v1::WORK_KIND_RETRY_CALLS, kOperations, {MethodOf<claims::v1::RetryClaimCallsRequest>}},
    {base::v1::WORK_KIND_MOVE_MONEY,
     kOperations,
     {MethodOf<payments::v1::SettleRefundRequest>, MethodOf<payments::v1::FailRefundRequest>}},
    {base::v1::WORK_KIND_RETRY_REFUND, kOperations, {MethodOf<payments::v1::RetryRefundRequest>}},
    {base::v1::WORK_KIND_ISSUE_CREDIT_NOTE, kMerchant, {MethodOf<payments::v1::IssueCreditNoteRequest>}},
    {base::v1::WORK_KIND_APPROVE_SURCHARGE,
     kCustomer,
     {MethodOf<payments::v1::ApproveSurchargeRequest>, MethodOf<payments::v1::DeclineSurchargeRequest>}},
    {base::v1::WORK_KIND_ISSUE_SURCHARGE,
     kMerchant,
     {MethodOf<payments::v1::IssueSurchargeRequest>, MethodOf<payments::v1::VoidSurchargeRequest>}},
    {base::v1::WORK_KIND_PAY_SURCHARGE, kCustomer, {MethodOf<payments::v1::RecordPaymentRequest>}},
    {base::v1::WORK_KIND_RECORD_CASH, kCourier, {MethodOf<payments::v1::RecordPaymentRequest>}},
    {base::v1::WORK_KIND_PAY_REST, kCustomer, {MethodOf<payments::v1::RecordPaymentRequest>}},
    {base::v1::WORK_KIND_ASSIGN_RETURN_NUMBER,
     kOperations,
     {MethodOf<orders::v1::AssignReturnNumberRequest>}},
    {base::v1::WORK_KIND_RELEASE_HOLD, kOperations, {MethodOf<orders::v1::ReleaseHoldRequest>}},
    {base::v1::WORK_KIND_RELEASE_HOLD, kMerchant, {MethodOf<orders::v1::ReleaseHoldRequest>}},
    {base::v1::WORK_KIND_CHOOSE_OPTION, kCustomer, {MethodOf<incidents::v1::ChooseOptionRequest>}},
    {base::v1::WORK_KIND_SEE_TO_INCIDENT, kOperations, {MethodOf<incidents::v1::ChooseOptionRequest>}},
    {base::v1::WORK_KIND_PICK_AGAIN, kMerchant, {MethodOf<incidents::v1::RecordPickRequest>}},
    {base::v1::WORK_KIND_EXPEDITE,
     kMerchant,
     {MethodOf<orders::v1::HandOverRequest>, MethodOf<incidents::v1::ReportIncidentRequest>}},
    {base::v1::WORK_KIND_CONFIRM_ADDRESS, kCustomer, {MethodOf<orders::v1::ChangeAddressRequest>}},
    {base::v1::WORK_KIND_CONFIRM_ADDRESS, kMerchant, {MethodOf<orders::v1::ChangeAddressRequest>}},
    {base::v1::WORK_KIND_CONFIRM_ADDRESS, kOperations, {MethodOf<orders::v1::ChangeAddressRequest>}},
    {base::v1::WORK_KIND_COLLECT_WRONG_ITEM, kMerchant, {MethodOf<claims::v1::RecordCollectionRequest>}},
    {base::v1::WORK_KIND_ANSWER_SUPPLIER_TASK,
     kMerchant,
     {MethodOf<incidents::v1::AnswerSupplierTaskRequest>}},
    {base::v1::WORK_KIND_CLOSE_INCIDENT, kOperations, {MethodOf<incidents::v1::CloseIncidentRequest>}},
    {base::v1::WORK_KIND_BRING_BACK, kCourier, {MethodOf<deliveries::v1::RecordParcelBackRequest>}},
    {base::v1::WORK_KIND_BRING_BACK, kMerchant, {MethodOf<deliveries::v1::RecordParcelBackRequest>}},
    {base::v1::WORK_KIND_DISPATCH_AGAIN, kMerchant, {MethodOf<deliveries::v1::DispatchRequest>}},
    {base::v1::WORK_KIND_RECORD_INTERCEPTION,
     kMerchant,
     {MethodOf<deliveries::v1::RecordInterceptionRequest>}},
    {base::v1::WORK_KIND_CLEAR_CUSTOMS, kMerchant, {MethodOf<deliveries::v1::RecordCustomsReleaseRequest>}},
    {base::v1::WORK_KIND_CONFIRM_STOCK, kMerchant, {MethodOf<stores::v1::SetStockRequest>}, "stk-"},
    {base::v1::WORK_KIND_CONFIRM_STOCK,
     kMerchant,
     {MethodOf<stores::v1::SetStockRequest>, MethodOf<incidents::v1::RecordPickRequest>}},
};

}  // namespace

absl::Span<const WorkMethod> MethodsFor(const base::v1::WorkItem& item) {
  for (const Row& row : kRows) {
    if (row.kind != item.kind() || !absl::StartsWith(item.subject_id(), row.subjects)) continue;
    const auto* const end = std::find(std::begin(row.methods), std::end(row.methods), nullptr);
    return {row.methods, static_cast<size_t>(end - row.methods)};
  }
  return {};
}

bool MayDo(base::v1::Role role, const base::v1::WorkItem& item) {
  const absl::Span<const WorkMethod> methods = MethodsFor(item);
  return std::any_of(methods.begin(), methods.end(),
                     [&](WorkMethod method) { return IsFor(role, method()); });
}

std::vector<std::pair<WorkTurn, WorkKind>> TurnsAndKinds() {
  std::vector<std::pair<WorkTurn, WorkKind>> all;
  for (const Row& row : kRows) {
    if (row.subjects.empty()) all.emplace_back(row.turn, row.kind);
  }
  return all;
}

}  // namespace makegood::rules
