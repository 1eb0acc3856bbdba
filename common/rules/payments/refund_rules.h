// Giving money back: the commands (RFD-01 to RFD-04, RFD-08 to RFD-10). A grant is the decision, see
// grants.h; its refunds are the movement: the intent is committed before a provider is asked, under the
// refund's id.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/actions.h"
#include "common/rules/payments/account.h"
#include "common/rules/payments/case_facts.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

extern const Action<payments::v1::Account> kRecordPayment;
extern const Action<payments::v1::Account> kGrantRefund;

// What is asked of the owners before a grant is decided.
struct RefundFacts {
  orders::v1::Order order;
  std::optional<CaseFacts> of_case;  // where the request names one
};

// RFD-01, RFD-02, RFD-04, RFD-08, RFD-09. For a case: its one grant is made, or brought to where the case is
// now; and the merchant's credit note is asked for once it is known over what (RFD-05).
absl::StatusOr<payments::v1::RefundGrant> GrantRefund(const payments::v1::GrantRefundRequest& request,
                                                      const RefundFacts& facts, Transaction& tx);

// RFD-09, RFD-10: the order's grants wait for cash no longer. Nothing changes if this one does not.
absl::StatusOr<payments::v1::RefundGrant> ReleaseRefundGrant(
    const payments::v1::ReleaseRefundGrantRequest& request, Transaction& tx);

// RFD-03: PENDING or FAILED → SETTLED. The same word again changes nothing.
absl::StatusOr<payments::v1::Refund> SettleRefund(const payments::v1::SettleRefundRequest& request,
                                                  Transaction& tx);

// RFD-03: PENDING → FAILED. The same word again changes nothing; a late one never leaves SETTLED.
absl::StatusOr<payments::v1::Refund> FailRefund(const payments::v1::FailRefundRequest& request,
                                                Transaction& tx);

// RFD-03: FAILED → PENDING, under the same key.
absl::StatusOr<payments::v1::Refund> RetryRefund(const payments::v1::RetryRefundRequest& request,
                                                 Transaction& tx);

// Fill available_actions (ORD-09); the account's also what is due.
void FillActions(payments::v1::Account& account, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);
void FillActions(payments::v1::RefundGrant& grant, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);
void FillActions(payments::v1::Refund& refund, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

}  // namespace makegood::rules
