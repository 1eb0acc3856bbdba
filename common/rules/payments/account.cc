#include "common/rules/payments/account.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/money.h"
#include "common/base/status.h"
#include "common/rules/times.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::Posting;

absl::Status CheckWithin(absl::string_view what, int64_t given_minor, int64_t amount_minor, int64_t cap_minor,
                         const Account& account) {
  if (amount_minor <= cap_minor - given_minor) return absl::OkStatus();
  return Refusal("RFD-02",
                 absl::StrCat(FormatMoney(amount_minor, account.currency()), " is more than the ",
                              FormatMoney(std::max<int64_t>(0, cap_minor - given_minor), account.currency()),
                              " left of ", what));
}

absl::Status CheckOrderCaps(const Account& account, int64_t goods_minor, int64_t delivery_fee_minor) {
  if (delivery_fee_minor > 0 && account.delivery_fee_given_minor() > 0 &&
      account.delivery_fee_given_minor() + delivery_fee_minor > account.delivery_fee_minor()) {
    return Refusal("RFD-04", "the delivery fee is given back once");
  }
  RETURN_IF_ERROR(CheckWithin("the delivery fee", account.delivery_fee_given_minor(), delivery_fee_minor,
                              account.delivery_fee_minor(), account));
  RETURN_IF_ERROR(
      CheckWithin("the goods", GivenMinor(account) - account.delivery_fee_given_minor(), goods_minor,
                  account.total_minor() - account.delivery_fee_minor() + account.excess_minor(), account));
  return CheckWithin("what was paid", GivenMinor(account), goods_minor + delivery_fee_minor,
                     account.captured_minor(), account);
}

// `amount_minor` more is to be recovered from the merchant.
void Recover(Account& account, int64_t amount_minor, EntryBuilder& entry) {
  account.set_recovery_minor(account.recovery_minor() + amount_minor);
  entry.Debit(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY, amount_minor);
}

absl::Status PayOutForOrder(Account& account, int64_t amount_minor, EntryBuilder& entry) {
  const int64_t order_money = account.delivered() ? account.recoverable_minor() : account.prepaid_minor();
  const int64_t of_order = std::min(amount_minor, order_money);
  const int64_t of_credit = amount_minor - of_order;
  if (of_credit > account.customer_credit_minor()) {
    return absl::InternalError("a refund exceeds what is there to pay it from");
  }
  if (account.delivered()) {
    account.set_recoverable_minor(account.recoverable_minor() - of_order);
    Recover(account, of_order, entry);
  } else {
    account.set_prepaid_minor(account.prepaid_minor() - of_order);
    entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, of_order);
  }
  account.set_customer_credit_minor(account.customer_credit_minor() - of_credit);
  entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, of_credit);
  return absl::OkStatus();
}

void TakeInExcess(Account& account, int64_t excess_minor, EntryBuilder& entry) {
  account.set_captured_minor(account.captured_minor() + excess_minor);
  account.set_excess_minor(account.excess_minor() + excess_minor);
  account.set_customer_credit_minor(account.customer_credit_minor() + excess_minor);
  entry.Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, excess_minor);
}

}  // namespace

Account NewAccount(const orders::v1::Order& order) {
  Account account;
  account.set_order_id(order.order_id());
  *account.mutable_create_time() = order.create_time();
  *account.mutable_policy() = order.policy();
  account.set_merchant_id(order.merchant_id());
  account.set_customer_id(order.customer_id());
  account.set_currency(order.total().currency());
  account.set_total_minor(order.total().amount_minor());
  account.set_delivery_fee_minor(order.delivery_fee().amount_minor());
  return account;
}

Account NewAccount(const events::v1::Event& order_created) {
  Account account;
  account.set_order_id(order_created.order_id());
  *account.mutable_create_time() = order_created.time();
  *account.mutable_policy() = order_created.policy();
  account.set_merchant_id(order_created.merchant_id());
  account.set_customer_id(order_created.customer_id());
  account.set_currency(order_created.order_created().total().currency());
  account.set_total_minor(order_created.order_created().total().amount_minor());
  account.set_delivery_fee_minor(order_created.order_created().delivery_fee().amount_minor());
  return account;
}

absl::StatusOr<Account> AccountOf(const orders::v1::Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Account> found, tx.Find<Account>(order.order_id()));
  RETURN_IF_ERROR(tx.CheckVersion({"account", order.order_id(), found.has_value() ? found->version() : 0}));
  return found.has_value() ? *std::move(found) : NewAccount(order);
}

absl::StatusOr<Account> ArrivedAccountOf(const orders::v1::Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, AccountOf(order, tx));
  // Of an account from before events told versions only these facts can be known to be missing.
  const bool behind = account.order_version() > 0
                          ? account.order_version() < order.version()
                          : (order.state() == orders::v1::Order::STATE_DELIVERED && !account.delivered()) ||
                                (order.state() == orders::v1::Order::STATE_CANCELLED && !account.cancelled());
  if (behind) return NotHereYet(absl::StrCat("order ", order.order_id()));
  return account;
}

int64_t DueMinor(const Account& account) {
  if (account.delivered()) return account.receivable_minor();
  return std::max<int64_t>(0, account.total_minor() - (account.captured_minor() - account.excess_minor()));
}

int64_t GivenMinor(const Account& account) {
  return account.granted_minor() + account.pending_minor() + account.refunded_minor();
}

int64_t SurchargesKeptMinor(const Account& account) {
  return account.surcharges_captured_minor() - account.surcharges_open_minor() -
         account.surcharges_given_minor();
}

absl::Status CheckCaps(const Account& account, const base::v1::Policy& policy, base::v1::RefundReason reason,
                       int64_t goods_minor, int64_t delivery_fee_minor) {
  switch (reason) {
    case base::v1::REFUND_REASON_GOODWILL:
      return CheckWithin("goodwill", account.goodwill_given_minor(), goods_minor + delivery_fee_minor,
                         ApplyRate(account.total_minor(), policy.refunds().goodwill_cap_basis_points()),
                         account);
    case base::v1::REFUND_REASON_SURCHARGE:
      return CheckWithin("paid surcharges", 0, goods_minor + delivery_fee_minor, SurchargesKeptMinor(account),
                         account);
    default:
      return CheckOrderCaps(account, goods_minor, delivery_fee_minor);
  }
}

void TakeInForOrder(Account& account, int64_t amount_minor, EntryBuilder& entry) {
  const int64_t own = std::min(amount_minor, DueMinor(account));
  entry.Debit(Posting::LEDGER_ACCOUNT_CLEARING, amount_minor);
  account.set_captured_minor(account.captured_minor() + own);
  if (account.delivered()) {
    account.set_receivable_minor(account.receivable_minor() - own);
    entry.Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE, own);
  } else {
    account.set_prepaid_minor(account.prepaid_minor() + own);
    entry.Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, own);
  }
  TakeInExcess(account, amount_minor - own, entry);
}

void TakeInForSurcharge(Account& account, int64_t own_minor, int64_t excess_minor, EntryBuilder& entry) {
  entry.Debit(Posting::LEDGER_ACCOUNT_CLEARING, own_minor + excess_minor);
  account.set_surcharges_captured_minor(account.surcharges_captured_minor() + own_minor);
  account.set_surcharges_open_minor(account.surcharges_open_minor() + own_minor);
  entry.Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, own_minor);
  TakeInExcess(account, excess_minor, entry);
}

void EarnSurcharge(Account& account, int64_t amount_minor, EntryBuilder& entry) {
  account.set_surcharges_open_minor(account.surcharges_open_minor() - amount_minor);
  if (!account.delivered()) {
    account.set_surcharges_prepaid_minor(account.surcharges_prepaid_minor() + amount_minor);
    return;
  }
  entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, amount_minor)
      .Credit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, amount_minor);
}

absl::StatusOr<int64_t> Deliver(Account& account, const events::v1::OrderDelivered& delivered,
                                EntryBuilder& entry) {
  const int64_t vat = delivered.vat().amount_minor();
  const int64_t commission = delivered.commission().amount_minor();
  const int64_t merchant = delivered.total().amount_minor() - vat - commission;
  if (vat < 0 || commission < 0 || merchant < 0) {
    return absl::InvalidArgumentError("tax and commission of the delivery exceed its total");
  }
  const int64_t due = DueMinor(account);
  const int64_t invoiced = account.prepaid_minor() + due;
  entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT,
              account.prepaid_minor() + account.surcharges_prepaid_minor());
  entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE, due);
  const std::vector<int64_t> shares = delivered.total().amount_minor() == 0
                                          ? std::vector<int64_t>{invoiced, 0, 0}
                                          : Shares(invoiced, {merchant, commission, vat});
  entry.Credit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, shares[0] + account.surcharges_prepaid_minor());
  entry.Credit(Posting::LEDGER_ACCOUNT_COMMISSION, shares[1]);
  entry.Credit(Posting::LEDGER_ACCOUNT_VAT, shares[2]);
  account.set_delivered(true);
  account.set_invoiced_minor(invoiced);
  account.set_receivable_minor(due);
  account.set_recoverable_minor(invoiced);
  account.set_prepaid_minor(0);
  account.set_surcharges_prepaid_minor(0);
  return shares[0];
}

absl::Status PayOut(Account& account, RefundSource source, int64_t amount_minor, EntryBuilder& entry) {
  entry.Credit(Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE, amount_minor);
  switch (source) {
    case RefundSource::kOrder:
      return PayOutForOrder(account, amount_minor, entry);
    case RefundSource::kPaidSurcharge:
      if (account.delivered()) {
        Recover(account, amount_minor, entry);
        return absl::OkStatus();
      }
      account.set_surcharges_prepaid_minor(account.surcharges_prepaid_minor() - amount_minor);
      entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, amount_minor);
      return absl::OkStatus();
    case RefundSource::kEndedSurcharge:
      account.set_surcharges_open_minor(account.surcharges_open_minor() - amount_minor);
      entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, amount_minor);
      return absl::OkStatus();
    case RefundSource::kGoodwill:
      entry.Debit(Posting::LEDGER_ACCOUNT_GOODWILL, amount_minor);
      return absl::OkStatus();
  }
  return absl::InternalError("a refund of no source");
}

void SettleDown(Account& account, const payments::v1::CreditNote& note, EntryBuilder& entry) {
  account.set_credit_noted_minor(account.credit_noted_minor() + note.gross().amount_minor());
  account.set_recovery_minor(account.recovery_minor() - note.gross().amount_minor());
  entry.Debit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, note.amount().amount_minor())
      .Debit(Posting::LEDGER_ACCOUNT_COMMISSION, note.commission().amount_minor())
      .Debit(Posting::LEDGER_ACCOUNT_VAT, note.vat().amount_minor())
      .Credit(Posting::LEDGER_ACCOUNT_MERCHANT_RECOVERY, note.gross().amount_minor());
  if (account.credit_noted_minor() < account.invoiced_minor()) return;
  // The whole sale is taken back: nobody owes what was not collected of it.
  const int64_t uncollected = account.receivable_minor();
  account.set_receivable_minor(0);
  account.set_recoverable_minor(account.recoverable_minor() - uncollected);
  Recover(account, uncollected, entry);
  entry.Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE, uncollected);
}

}  // namespace makegood::rules
