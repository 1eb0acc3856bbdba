// Giving money back: grants and their refunds (RFD-01 to RFD-04, CLM-08). A grant is the decision, its
// refund the movement; the intent is committed before a provider is asked, under the refund's id.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/rules/actions.h"
#include "common/rules/payments/account.h"
#include "common/rules/transaction.h"
#include "makegood/orders/v1/orders.pb.h"
#include "makegood/payments/v1/payments_service.pb.h"

namespace makegood::rules {

// RFD-01, RFD-02, RFD-04, CLM-08. The refund is PENDING in the same commit unless it awaits goods.
absl::StatusOr<payments::v1::RefundGrant> GrantRefund(const payments::v1::GrantRefundRequest& request,
                                                      const orders::v1::Order& order, Transaction& tx);

// CLM-08: the goods are back. Nothing changes if the refund has begun.
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

// Fill available_actions (ORD-09).
void FillActions(payments::v1::Account& account, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);
void FillActions(payments::v1::RefundGrant& grant, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);
void FillActions(payments::v1::Refund& refund, const base::v1::Actor& actor, absl::Time now,
                 const PolicyBook& policies);

// ---- For the other rules of money. They put the account themselves.

extern const Action<payments::v1::Account> kRecordPayment;
extern const Action<payments::v1::Account> kGrantRefund;
extern const Action<payments::v1::Account> kRequestCreditNote;

// A decision to give back, whose caps are kept by whoever makes it.
struct NewGrant {
  std::string case_id;
  base::v1::RefundReason reason = base::v1::REFUND_REASON_UNSPECIFIED;
  RefundSource source = RefundSource::kOrder;
  int64_t goods_minor = 0;
  int64_t delivery_fee_minor = 0;
  bool await_goods = false;
};
absl::StatusOr<payments::v1::RefundGrant> Grant(const NewGrant& grant, payments::v1::Account& account,
                                                const Moment& moment, Transaction& tx);

// Grants back whatever was captured of a cancelled order and not given back yet, paid surcharges
// included. Nothing happens if there is nothing.
absl::Status GiveBackEverything(payments::v1::Account& account, const Moment& moment, Transaction& tx);

}  // namespace makegood::rules
