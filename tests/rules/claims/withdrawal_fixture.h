// A desk with a delivered order at it, and what is done with withdrawals from it.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/rules/claims/claim_rules.h"
#include "common/rules/claims/claim_tasks.h"
#include "common/rules/claims/refused_calls.h"
#include "common/rules/claims/withdrawal_rules.h"
#include "makegood/payments/v1/payments_service.pb.h"
#include "tests/support/claims_support.h"
#include "tests/support/rules_support.h"

namespace makegood::testing {

using claims::v1::Claim;
using claims::v1::Withdrawal;
using events::v1::Event;
using ::testing::IsEmpty;
using ::testing::SizeIs;

inline constexpr auto kReason = base::v1::REFUND_REASON_WITHDRAWAL;

class WithdrawalRulesTest : public ::testing::Test {
 protected:
  WithdrawalRulesTest() : desk_(At("2026-09-21T10:00+02:00")) {}

  absl::StatusOr<Withdrawal> Withdraw(const Units& units) {
    claims::v1::WithdrawPurchaseRequest request;
    request.set_order_id("o-1");
    AddUnits(units, request);
    return desk_.As(Customer()).Decide(rules::WithdrawPurchase, request, order_);
  }

  absl::StatusOr<Withdrawal> GoodsReturned(const std::string& id, const Units& units = {}) {
    claims::v1::RecordGoodsReturnedRequest request;
    request.set_withdrawal_id(id);
    AddUnits(units, request);
    return desk_.As(Employee()).Decide(rules::RecordGoodsReturned, request);
  }

  absl::StatusOr<Withdrawal> Close(const std::string& id) {
    claims::v1::CloseWithdrawalRequest request;
    request.set_withdrawal_id(id);
    return desk_.As(Operations()).Decide(rules::CloseWithdrawal, request);
  }

  Withdrawal Now(const std::string& id) { return *desk_.Find<Withdrawal>(id); }

  // How often payments was asked for the case's money.
  size_t AskedFor(const std::string& id) {
    size_t asked = 0;
    for (const rules::Task& task : desk_.Tasks(rules::kGrantRefundTask)) {
      asked += rules::CaseOfTask(task.id) == id ? 1 : 0;
    }
    return asked;
  }

  // Nothing more comes of the case's grant.
  absl::Status Paid(const std::string& id, absl::string_view grant_id = "grant-1") {
    return desk_.As(Service()).Decide(rules::OnPaymentEvent,
                                      GrantClosedEvent(id, kReason, desk_.now(), grant_id));
  }

  // Operations' paper.
  absl::StatusOr<Withdrawal> Document(const std::string& id, const std::string& number = "4712345678") {
    claims::v1::CreateWithdrawalDocumentRequest request;
    request.set_withdrawal_id(id);
    request.set_return_number(number);
    return desk_.As(Operations()).Decide(rules::CreateWithdrawalDocument, request);
  }

  // The grant is known, and all of it paid.
  void GrantAndPay(const std::string& id) {
    desk_.As(Service());
    EXPECT_THAT(desk_.Decide(rules::OnPaymentEvent, RefundGrantedEvent(id, kReason)), IsOk());
    EXPECT_THAT(Paid(id), IsOk());
  }

  // The order's false delivery has its return number (ORD-05).
  absl::Status Correct() {
    Event numbered;
    numbered.set_order_id("o-1");
    *numbered.mutable_time() = rules::ToTimestamp(desk_.now());
    numbered.mutable_correction_numbered();
    return desk_.As(Service()).Decide(rules::OnOrderEvent, numbered);
  }

  Desk desk_;
  orders::v1::Order order_ = DeliveredOrder("mall", "EUR", At("2026-09-20T12:00+02:00"));
};

}  // namespace makegood::testing
