#include "common/rules/payments/account.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/base/status.h"
#include "common/rules/policy/policy_book.h"

namespace makegood::rules {
namespace {

using payments::v1::Account;
using payments::v1::Posting;

// What both the order and its event tell.
template <typename Source>
Account Begun(const Source& source, absl::string_view currency, base::v1::PaymentMethod method) {
  Account account;
  account.set_order_id(source.order_id());
  *account.mutable_policy() = source.policy();
  account.set_merchant_id(source.merchant_id());
  account.set_customer_id(source.customer_id());
  account.set_currency(std::string(currency));
  account.set_payment_method(method);
  account.set_stage(Account::STAGE_OPEN);
  account.set_imported(source.imported());
  return account;
}

absl::Status CheckForm(const Account& account) {
  if (account.stage() != Account::STAGE_UNSPECIFIED) return absl::OkStatus();
  return Refusal("PAY-11",
                 absl::StrCat("the account of order ", account.order_id(),
                              " was written by a version that counted amounts; start on a new database"));
}

}  // namespace

absl::StatusOr<Account> NewAccount(const orders::v1::Order& order, const PolicyBook& policies) {
  ASSIGN_OR_RETURN(const Policy* const policy, policies.At(order.policy()));
  Account account = Begun(order, order.total().currency(), order.payment_method());
  *account.mutable_create_time() = order.create_time();
  SetItems(order, *policy, account);
  return account;
}

absl::StatusOr<Account> NewAccount(const events::v1::Event& order_created, const PolicyBook& policies) {
  ASSIGN_OR_RETURN(const Policy* const policy, policies.At(order_created.policy()));
  const events::v1::OrderCreated& created = order_created.order_created();
  Account account = Begun(order_created, created.total().currency(), created.payment_method());
  *account.mutable_create_time() = order_created.time();
  SetItems(created, *policy, account);
  return account;
}

absl::StatusOr<Account> LoadAccount(absl::string_view order_id, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, tx.Get<Account>(order_id));
  RETURN_IF_ERROR(CheckForm(account));
  return account;
}

absl::StatusOr<Account> AccountOf(const orders::v1::Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(std::optional<Account> found, tx.Find<Account>(order.order_id()));
  RETURN_IF_ERROR(tx.CheckVersion({"account", order.order_id(), found.has_value() ? found->version() : 0}));
  if (!found.has_value()) return NewAccount(order, tx.policies());
  RETURN_IF_ERROR(CheckForm(*found));
  return *std::move(found);
}

absl::StatusOr<Account> ArrivedAccountOf(const orders::v1::Order& order, Transaction& tx) {
  ASSIGN_OR_RETURN(Account account, AccountOf(order, tx));
  if (account.order_version() < order.version()) return NotHereYet(absl::StrCat("order ", order.order_id()));
  return account;
}

bool HasEnded(const Account& account) { return account.stage() != Account::STAGE_OPEN; }

int64_t DueMinor(const Account& account) {
  if (HasEnded(account)) return BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE);
  return std::max<int64_t>(
      0, KeptOrder(account).gross - HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT));
}

void TellNothingDue(int64_t was_due_minor, const Account& account, const Moment& moment, Transaction& tx) {
  if (HasEnded(account) || was_due_minor == 0 || DueMinor(account) > 0) return;
  events::v1::Event event = EventOf(account, "", moment);
  event.mutable_nothing_due();
  tx.Emit(std::move(event));
}

bool AwaitsCash(const Account& account) {
  return account.payment_method() == base::v1::PAYMENT_METHOD_CASH_ON_DELIVERY &&
         account.stage() == Account::STAGE_DELIVERED && !account.cash_known() &&
         BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE) > 0;
}

int64_t LeftOfCaptured(const Account& account) {
  const int64_t cash =
      AwaitsCash(account) ? BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE) : 0;
  // What was settled has left the clearing account already.
  return BalanceOf(account, Posting::LEDGER_ACCOUNT_CLEARING) +
         BalanceOf(account, Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE) + cash -
         HeldOn(account, Posting::LEDGER_ACCOUNT_REFUNDS_PAYABLE) -
         HeldOn(account, Posting::LEDGER_ACCOUNT_REFUNDS_GRANTED) - WorthSetAside(account);
}

bool SomethingHangs(const Account& account) {
  if (!HasEnded(account)) return false;
  const bool on_surcharges = account.open_surcharge_ids().empty() &&
                             BalanceOf(account, Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT) != 0;
  const bool owed_in_advance = account.payment_method() == base::v1::PAYMENT_METHOD_PREPAID &&
                               BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE) != 0;
  return BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT) != 0 ||
         BalanceOf(account, Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT) != 0 || on_surcharges || owed_in_advance;
}

bool AwaitsDocument(const Account& account) {
  const auto& waiting = account.waiting_grant_ids();
  return std::any_of(
      account.note_due_grant_ids().begin(), account.note_due_grant_ids().end(),
      [&](const std::string& id) { return std::find(waiting.begin(), waiting.end(), id) == waiting.end(); });
}

void TakeInForOrder(const Account& account, int64_t amount_minor, EntryBuilder& entry) {
  const int64_t own = std::min(amount_minor, DueMinor(account));
  entry.Debit(Posting::LEDGER_ACCOUNT_CLEARING, amount_minor)
      .Credit(HasEnded(account) ? Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE
                                : Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT,
              own)
      .Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, amount_minor - own);
}

void TakeInForSurcharge(int64_t own_minor, int64_t excess_minor, EntryBuilder& entry) {
  entry.Debit(Posting::LEDGER_ACCOUNT_CLEARING, own_minor + excess_minor)
      .Credit(Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, own_minor)
      .Credit(Posting::LEDGER_ACCOUNT_CUSTOMER_CREDIT, excess_minor);
}

Sale Sell(const Account& account, bool imported, EntryBuilder& entry) {
  const Worth kept = KeptOrder(account);
  const int64_t surcharges = KeptSurcharges(account).gross;
  const int64_t paid = HeldOn(account, Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT);
  entry.Debit(Posting::LEDGER_ACCOUNT_CUSTOMER_PREPAYMENT, paid)
      .Debit(Posting::LEDGER_ACCOUNT_SURCHARGE_PREPAYMENT, surcharges)
      .Debit(imported ? Posting::LEDGER_ACCOUNT_KNOWN_ELSEWHERE : Posting::LEDGER_ACCOUNT_CUSTOMER_RECEIVABLE,
             kept.gross - paid)
      .Credit(Posting::LEDGER_ACCOUNT_MERCHANT_PAYABLE, kept.net_of_commission() + surcharges)
      .Credit(Posting::LEDGER_ACCOUNT_COMMISSION, kept.commission)
      .Credit(Posting::LEDGER_ACCOUNT_VAT, kept.vat);
  return {kept.gross, kept.net_of_commission() + surcharges};
}

}  // namespace makegood::rules
