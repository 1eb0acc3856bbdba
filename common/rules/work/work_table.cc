#include "common/rules/work/work_table.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

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
  absl::string_view methods[kMost];
  absl::string_view subjects = "";  // where only of ids that begin so
};

constexpr Row kRows[] = {
    {base::v1::WORK_KIND_SUBMIT_EVIDENCE, kCustomer, {"SubmitEvidence"}},
    {base::v1::WORK_KIND_DECIDE_CLAIM, kOperations, {"ApproveClaim", "RejectClaim"}},
    {base::v1::WORK_KIND_CHOOSE_RESOLUTION, kCustomer, {"ChooseResolution"}},
    {base::v1::WORK_KIND_SEND_AGAIN, kMerchant, {"RecordReship", "ReportOutOfStock"}},
    {base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT, kOperations, {"CreateWithdrawalDocument"}, "wdr-"},
    {base::v1::WORK_KIND_CREATE_RETURN_DOCUMENT, kOperations, {"CreateReturnDocument"}},
    {base::v1::WORK_KIND_RETURN_GOODS, kCustomer, {"RecordGoodsReturned", "CloseWithdrawal"}},
    {base::v1::WORK_KIND_RETRY_CALLS, kOperations, {"RetryWithdrawalCalls"}, "wdr-"},
    {base::v1::WORK_KIND_RETRY_CALLS, kOperations, {"RetryClaimCalls"}},
    {base::v1::WORK_KIND_MOVE_MONEY, kOperations, {"SettleRefund", "FailRefund"}},
    {base::v1::WORK_KIND_RETRY_REFUND, kOperations, {"RetryRefund"}},
    {base::v1::WORK_KIND_ISSUE_CREDIT_NOTE, kMerchant, {"IssueCreditNote"}},
    {base::v1::WORK_KIND_APPROVE_SURCHARGE, kCustomer, {"ApproveSurcharge", "DeclineSurcharge"}},
    {base::v1::WORK_KIND_ISSUE_SURCHARGE, kMerchant, {"IssueSurcharge", "VoidSurcharge"}},
    {base::v1::WORK_KIND_PAY_SURCHARGE, kCustomer, {"RecordPayment"}},
    {base::v1::WORK_KIND_RECORD_CASH, kCourier, {"RecordPayment"}},
    {base::v1::WORK_KIND_PAY_REST, kCustomer, {"RecordPayment"}},
    {base::v1::WORK_KIND_ASSIGN_RETURN_NUMBER, kOperations, {"AssignReturnNumber"}},
    {base::v1::WORK_KIND_RELEASE_HOLD, kOperations, {"ReleaseHold"}},
    {base::v1::WORK_KIND_RELEASE_HOLD, kMerchant, {"ReleaseHold"}},
};

}  // namespace

absl::Span<const absl::string_view> MethodsFor(const base::v1::WorkItem& item) {
  for (const Row& row : kRows) {
    if (row.kind != item.kind() || !absl::StartsWith(item.subject_id(), row.subjects)) continue;
    const auto* const end = std::find(std::begin(row.methods), std::end(row.methods), "");
    return {row.methods, static_cast<size_t>(end - row.methods)};
  }
  return {};
}

std::vector<std::pair<WorkTurn, WorkKind>> TurnsAndKinds() {
  std::vector<std::pair<WorkTurn, WorkKind>> all;
  for (const Row& row : kRows) {
    if (row.subjects.empty()) all.emplace_back(row.turn, row.kind);
  }
  return all;
}

}  // namespace makegood::rules
